// Looks at chart files: `node svg.mjs [FOLDER]...` (default: every sample). Each must be well-formed,
// begin with a title and a description, and draw the same in Chromium and in librsvg
// (`rsvg-convert`). Prints the share of pixels that differ, once without text (text is set in
// fonts of each program's choice) and once with; exits 1 if shapes differ or a file is at fault.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./browser.mjs";

const SAMPLES = resolve(dirname(fileURLToPath(import.meta.url)), "../../../results/samples");
// Of all pixels; the edges of slanted lines and round dots fall on neighbouring pixels.
const MOST_SHAPES = 0.0005;

/** In the page: problems of the markup, and the same without its texts. */
const CHECK = `(source) => {
  const file = new DOMParser().parseFromString(source, "image/svg+xml");
  const wrong = file.querySelector("parsererror");
  if (wrong) return { problems: [wrong.textContent.slice(0, 200)] };
  const [root, problems] = [file.documentElement, []];
  if (root.getAttribute("role") !== "img") problems.push("no role");
  if (root.firstElementChild?.tagName !== "title" || !root.firstElementChild.textContent) problems.push("no title first");
  if (root.children[1]?.tagName !== "desc" || !root.children[1].textContent) problems.push("no description second");
  for (const text of file.querySelectorAll("text")) text.remove();
  return { problems, shapes: new XMLSerializer().serializeToString(file) };
}`;

/** In the page: the share of pixels that no neighbour in the other picture comes near to. */
const COMPARE = `async (source, png) => {
  const pixels = async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height);
  };
  const [own, other] = [await pixels("data:image/svg+xml;charset=utf-8," + encodeURIComponent(source)), await pixels("data:image/png;base64," + png)];
  if (own.width !== other.width || own.height !== other.height) return 1;
  const near = (a, i, b, j) => Math.abs(a[i] - b[j]) + Math.abs(a[i + 1] - b[j + 1]) + Math.abs(a[i + 2] - b[j + 2]) <= 96;
  let differ = 0;
  for (let y = 1; y + 1 < own.height; y += 1) for (let x = 1; x + 1 < own.width; x += 1) {
    const at = 4 * (y * own.width + x);
    let [there, here] = [false, false];
    for (let dy = -1; dy <= 1; dy += 1) for (let dx = -1; dx <= 1; dx += 1) {
      const by = at + 4 * (dy * own.width + dx);
      there ||= near(own.data, at, other.data, by);
      here ||= near(other.data, at, own.data, by);
    }
    if (!there || !here) differ += 1;
  }
  return differ / (own.width * own.height);
}`;

const drawn = (source) => execFileSync("rsvg-convert", { input: source, maxBuffer: 1 << 26 }).toString("base64");
const percent = (share) => `${(100 * share).toFixed(3)} %`;

/** The chart files in a run directory or in the run directories in a folder. */
function charts(folder) {
  const runs = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  const folders = runs.flatMap((run) => [join(run, "charts"), join(run, "charts", "dark")]);
  return folders.filter(existsSync).flatMap((dir) =>
    readdirSync(dir).filter((name) => name.endsWith(".svg")).map((name) => join(dir, name)));
}

const args = process.argv.slice(2);
const files = (args.length > 0 ? args : [SAMPLES]).flatMap((folder) => charts(resolve(folder)));
const browser = await start();
let [faults, most, mostText] = [0, 0, 0];
try {
  const page = await browser.page();
  for (const path of files) {
    const name = relative(process.cwd(), path);
    const source = readFileSync(path, "utf8");
    const { problems, shapes } = await page.evaluate(`(${CHECK})(${JSON.stringify(source)})`);
    for (const problem of problems) console.log(`${name} | ${problem}`);
    faults += problems.length;
    if (!shapes) continue;
    const share = (text) => page.evaluate(`(${COMPARE})(${JSON.stringify(text)}, "${drawn(text)}")`);
    const [bare, whole] = [await share(shapes), await share(source)];
    [most, mostText] = [Math.max(most, bare), Math.max(mostText, whole)];
    if (bare > MOST_SHAPES) {
      faults += 1;
      console.log(`${name} | shapes differ in ${percent(bare)} of pixels (${percent(whole)} with text)`);
    }
  }
} finally {
  await browser.stop();
}
console.log(`${files.length} charts, ${faults} faults; Chromium and librsvg differ in at most ${percent(most)} of pixels without text, ${percent(mostText)} with`);
process.exitCode = faults > 0 || files.length === 0 ? 1 : 0;
