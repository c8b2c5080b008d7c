// Runs inside the page: the corners of every visible text, and what is wrong with them.
// A text of HTML has a box per line; a text of SVG has one, turned with it. Boxes are trimmed to
// about the ink: ascent and descent are room, not letters.
(() => {
  const problems = [];
  const round = (box) => box.map((value) => Math.round(value)).join(" ");
  const report = (problem, text, box) =>
    problems.push({ problem, text: text.trim().slice(0, 90), box: round(box) });

  const visible = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  // For screen readers only: a clip of a pixel.
  const hidden = (element) => element.closest(".hidden, .skip, title, desc, style, script") !== null;

  const rectangle = (box, trim) => {
    const [top, bottom] = [box.top + box.height * trim, box.bottom - box.height * trim];
    return [[box.left, top], [box.right, top], [box.right, bottom], [box.left, bottom]];
  };

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || hidden(element) || !visible(element)) continue;
    if (element.closest("thead") && getComputedStyle(element.closest("thead")).position === "absolute") continue;
    if (element.namespaceURI.endsWith("svg")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      texts.push({ text: node.data, element, quad: rectangle(box, 0.14) });
    }
  }
  for (const element of document.querySelectorAll("svg text")) {
    if (!visible(element) || !element.textContent.trim()) continue;
    const [box, matrix] = [element.getBBox(), element.getScreenCTM()];
    const trim = box.height * 0.14;
    const corners = [
      [box.x, box.y + trim], [box.x + box.width, box.y + trim],
      [box.x + box.width, box.y + box.height - trim], [box.x, box.y + box.height - trim],
    ];
    const quad = corners.map(([x, y]) => {
      const point = new DOMPoint(x, y).matrixTransform(matrix);
      return [point.x, point.y];
    });
    texts.push({ text: element.textContent, element, quad });
  }

  for (const text of texts) {
    const [xs, ys] = [text.quad.map((at) => at[0]), text.quad.map((at) => at[1])];
    text.box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }

  // Convex shapes are apart if, along some edge's normal, their shadows are.
  const apart = (a, b) => {
    for (const quad of [a, b]) {
      for (let i = 0; i < 4; i += 1) {
        const [[x, y], [u, v]] = [quad[i], quad[(i + 1) % 4]];
        const length = Math.hypot(u - x, v - y) || 1;
        const shadow = (points) => points.map(([p, q]) => (p * (v - y) - q * (u - x)) / length);
        const [one, other] = [shadow(a), shadow(b)];
        const shared = Math.min(Math.max(...one), Math.max(...other)) - Math.max(Math.min(...one), Math.min(...other));
        if (shared <= 0.8) return true;
      }
    }
    return false;
  };
  const sorted = [...texts].sort((a, b) => a.box[1] - b.box[1]);
  sorted.forEach((text, at) => {
    for (let next = at + 1; next < sorted.length && sorted[next].box[1] < text.box[3]; next += 1) {
      const other = sorted[next];
      if (other.box[0] > text.box[2] || text.box[0] > other.box[2]) continue;
      if (!apart(text.quad, other.quad)) report("overlap", `${text.text.trim().slice(0, 40)} / ${other.text.trim()}`, text.box);
    }
  });

  // Labels that a style writes before a cell are no nodes: their widest unbreakable part has to fit its column.
  const pen = document.createElement("canvas").getContext("2d");
  for (const cell of document.querySelectorAll("[data-l]")) {
    const style = getComputedStyle(cell, "::before");
    if (!visible(cell) || style.content === "none" || style.content === "normal") continue;
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const parts = style.whiteSpace === "nowrap" ? [cell.dataset.l] : cell.dataset.l.split(/[ -]/);
    const column = parseFloat(getComputedStyle(cell).gridTemplateColumns);
    if (Math.max(...parts.map((part) => pen.measureText(part).width)) > column) {
      const box = cell.getBoundingClientRect();
      report("overlap", `${cell.dataset.l} / ${cell.textContent}`, [box.left, box.top, box.right, box.bottom]);
    }
  }

  // Cut off: outside a box that shows nothing beyond its edge and cannot be scrolled.
  const width = document.documentElement.clientWidth;
  for (const { text, element, box } of texts) {
    let scrolls = false;
    for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
      const style = getComputedStyle(outer);
      const edge = outer.getBoundingClientRect();
      const svg = outer.tagName === "svg";
      const clips = svg ? style.overflow !== "visible" : ["hidden", "clip"].includes(style.overflowX);
      const sideways = box[0] < edge.left - 1 || box[2] > edge.right + 1;
      const upright = box[1] < edge.top - 1 || box[3] > edge.bottom + 1;
      if (clips && !scrolls && (sideways || upright)) report("cut off", text, box);
      if (["auto", "scroll"].includes(style.overflowX)) scrolls = true;
    }
    if (!scrolls && (box[0] < -0.5 || box[2] > width + 0.5)) report("beyond the page", text, box);
  }
  const scroll = document.documentElement.scrollWidth;
  if (scroll > width) report("page scrolls sideways", `${scroll} px wide`, [0, 0, scroll, 0]);
  return { texts: texts.length, problems };
})();
