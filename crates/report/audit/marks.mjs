// What pointing at a mark, tapping it and going to it by key shows: its figures, inside the window.

// Every mark by key, and a pointer on every mark; returns problems and a mark of each chart.
const EVERY = `(async () => {
  const problems = [];
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const tip = document.querySelector(".tip");
  const look = (how, mark) => {
    const box = tip.getBoundingClientRect();
    const name = mark.closest("section").id + ": " + String(mark.words).slice(0, 60);
    if (tip.hidden || !/[0-9]/.test(tip.textContent)) problems.push([how + " shows no figures", name]);
    else if (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight) problems.push([how + " shows figures beyond the window", name]);
  };
  const places = [];
  for (const chart of document.querySelectorAll("section > svg")) {
    const marks = [...chart.querySelectorAll("*")].filter((mark) => typeof mark.words === "string");
    if (!chart.checkVisibility() || marks.length === 0) continue;
    chart.focus();
    for (const mark of marks) {
      chart.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
      look("a key", mark);
    }
    await frame();
    look("a key, after the scroll it caused,", marks[0]);
    chart.blur();
    for (const mark of marks) {
      const seen = mark.getBoundingClientRect();
      if (seen.top < 0 || seen.bottom > innerHeight) { mark.scrollIntoView({ block: "center" }); await frame(); }
      const box = mark.getBoundingClientRect();
      const at = { clientX: (box.left + box.right) / 2, clientY: (box.top + box.bottom) / 2, bubbles: true };
      chart.dispatchEvent(new PointerEvent("pointermove", at));
      look("a pointer", mark);
    }
    chart.dispatchEvent(new PointerEvent("pointerleave"));
    const [first, box] = [marks[0], marks[0].getBoundingClientRect()];
    places.push([first.closest("section").id, scrollX + (box.left + box.right) / 2, scrollY + (box.top + box.bottom) / 2]);
  }
  return { problems, places };
})()`;

const SHOWN = `!document.querySelector(".tip").hidden && document.querySelector(".tip").textContent.length > 0`;

/** Pairs of problem and place, at the width the page has. */
export async function marks(page) {
  const { problems, places } = await page.evaluate(EVERY);
  const tap = async (x, y) => {
    await page.call("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
    await page.call("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  for (const [chart, x, y] of places) {
    const top = await page.evaluate(`scrollTo(0, ${y} - innerHeight / 2); new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(scrollY))))`);
    await tap(x, y - top);
    if (!(await page.evaluate(SHOWN))) problems.push(["a tap shows no figures that stay", chart]);
    await tap(2, 2);
    if (await page.evaluate(SHOWN)) problems.push(["a tap elsewhere leaves the figures", chart]);
    await page.call("Input.dispatchMouseEvent", { type: "mouseMoved", x, y: y - top });
    if (!(await page.evaluate(SHOWN))) problems.push(["a mouse shows no figures", chart]);
    await page.call("Input.dispatchMouseEvent", { type: "mouseMoved", x: 2, y: 2 });
    if (await page.evaluate(SHOWN)) problems.push(["a mouse elsewhere leaves the figures", chart]);
  }
  return problems;
}
