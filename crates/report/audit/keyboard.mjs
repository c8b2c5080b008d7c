// What the Tab key meets: the skip link first, everything in the order of the page, each with a
// mark of its own while it has the focus and a name to be read out.

const STATE = `(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at);
  const all = [...document.querySelectorAll("*")];
  const box = at.getBoundingClientRect();
  return {
    place: all.indexOf(at),
    what: at.tagName.toLowerCase() + (at.id ? "#" + at.id : "") + " " + (at.getAttribute("aria-label") ?? at.textContent).trim().slice(0, 40),
    skip: at.classList.contains("skip"),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.left >= 0,
  };
})()`;

/** Presses Tab through the page; pairs of problem and place. */
export async function keyboard(page) {
  const problems = [];
  const key = { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9, nativeVirtualKeyCode: 9 };
  let last = -1;
  for (let press = 0; press < 2000; press += 1) {
    await page.call("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await page.call("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    const state = await page.evaluate(STATE);
    if (!state || state.place <= last) {
      // Back at the top, or out of the page: every stop was met.
      if (press < 2) problems.push(["keyboard", "Tab reaches nothing"]);
      break;
    }
    if (press === 0 && !state.skip) problems.push(["keyboard", `no skip link first: ${state.what}`]);
    if (!state.outlined) problems.push(["focus not to be seen", state.what]);
    if (!state.seen) problems.push(["focus outside the window", state.what]);
    last = state.place;
  }
  return problems;
}
