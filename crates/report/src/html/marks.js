// Exact figures at the mark nearest to the pointer, or chosen with the arrow keys in a chart that
// has the focus. Without this the browser shows the same words, the marks' titles, by itself; the
// tables hold every figure. No character here needs escaping in XML.
(() => {
  const REACH = 24;
  const tip = document.createElement("output");
  tip.className = "tip";
  tip.hidden = true;
  document.querySelector("main").append(tip);
  let held = null;
  let keyed = false;

  const hide = () => {
    held?.classList.remove("at");
    [held, keyed] = [null, false];
    tip.hidden = true;
  };
  // Above the mark, else below it; never out of the window.
  const place = () => {
    const [box, size] = [held.getBoundingClientRect(), tip.getBoundingClientRect()];
    const { clientWidth, clientHeight } = document.documentElement;
    const within = (at, most) => Math.max(8, Math.min(at, most - 8)) + "px";
    const above = box.top - size.height - 8;
    tip.style.left = within((box.left + box.right - size.width) / 2, clientWidth - size.width);
    tip.style.top = within(above >= 8 ? above : box.bottom + 8, clientHeight - size.height);
  };
  const show = (mark) => {
    if (mark === held) return;
    hide();
    held = mark;
    mark.classList.add("at");
    tip.textContent = mark.words;
    tip.hidden = false;
    place();
  };
  // By key: the mark may lie outside the window.
  const choose = (mark) => {
    const box = mark.getBoundingClientRect();
    const beyond = Math.max(-box.top, box.bottom - document.documentElement.clientHeight) > 0;
    if (beyond) mark.scrollIntoView({ block: "center" });
    show(mark);
    keyed = true;
  };
  const nearest = (marks, x, y) => {
    let [best, least] = [null, REACH];
    for (const mark of marks) {
      const box = mark.getBoundingClientRect();
      const aside = Math.max(box.left - x, 0, x - box.right);
      const off = Math.max(box.top - y, 0, y - box.bottom);
      const inside = Math.hypot((box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y) / 1000;
      const distance = Math.hypot(aside, off) + inside;
      if (least > distance) [best, least] = [mark, distance];
    }
    return best;
  };

  for (const chart of document.querySelectorAll("section > svg")) {
    const marks = [];
    // Titles of a narrow chart that are empty are those of the wide one before it.
    const wide = chart.previousElementSibling?.words ?? [];
    for (const title of chart.querySelectorAll(":scope > * title")) {
      const mark = title.parentElement;
      mark.words = title.textContent || wide[marks.length];
      title.remove();
      marks.push(mark);
    }
    if (marks.length === 0) continue;
    chart.words = marks.map((mark) => mark.words);
    chart.tabIndex = 0;
    const point = (event) => {
      const mark = nearest(marks, event.clientX, event.clientY);
      mark ? show(mark) : hide();
    };
    chart.addEventListener("pointermove", point);
    chart.addEventListener("pointerdown", point);
    // A finger leaves as soon as it is lifted: what it tapped stays until the next tap or scroll.
    chart.addEventListener("pointerleave", (event) => event.pointerType === "touch" || hide());
    chart.addEventListener("blur", hide);
    chart.addEventListener("focus", () => {
      if (chart.matches(":focus-visible")) choose(held ?? marks[0]);
    });
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (!step) return;
      event.preventDefault();
      const at = marks.indexOf(held);
      const next = at === -1 ? (step === 1 ? 0 : marks.length - 1) : at + step;
      choose(marks[(next + marks.length) % marks.length]);
    });
  }
  addEventListener("pointerdown", (event) => event.target.closest?.("section > svg") || hide());
  addEventListener("scroll", () => (keyed ? place() : hide()), { passive: true });
})();
