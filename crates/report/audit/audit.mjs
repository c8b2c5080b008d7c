// Looks at report pages in a browser: `node audit.mjs [--font NAME] [PAGE.html | FOLDER]...`
// (default: every sample). Prints each breach as file, width, theme, what, text, box; exits 1 if any.
// README.md beside this says what is looked for.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { start } from "./browser.mjs";
import { keyboard } from "./keyboard.mjs";
import { marks } from "./marks.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const SAMPLES = resolve(HERE, "../../../results/samples");
const WIDTHS = [360, 960, 1600];
const THEMES = ["light", "dark"];
const MOST_OPENING_MS = 1000;
const MOST_BYTES = 1_500_000;
const MEASURE = readFileSync(join(HERE, "measure.js"), "utf8");

function axeSource() {
  try {
    return readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  } catch {
    console.error("axe-core is not installed (npm install in this folder): its rules are left out");
    return undefined;
  }
}

/** Pages named by the arguments: files, or reports in folders and the folders in them. */
function pages(args) {
  const found = args.flatMap((arg) => {
    if (!statSync(arg).isDirectory()) return [arg];
    const folders = [arg, ...readdirSync(arg).map((name) => join(arg, name))];
    return folders.map((folder) => join(folder, "report.html")).filter(existsSync);
  });
  return found.map((path) => resolve(path));
}

const breaches = [];
function breach(path, width, theme, problem, text, box = "") {
  breaches.push(path);
  console.log([relative(process.cwd(), path), width, theme, problem, text, box].join(" | "));
}

/** Times of opening: from navigation to the load event, the least of three. */
async function opening(page, url) {
  const times = [];
  for (let i = 0; i < 3; i += 1) {
    await page.open(url);
    times.push(await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart"));
  }
  return Math.min(...times);
}

/** Without answers to what axe could not decide: those are for the palette's tests and for eyes. */
async function axe(page, source, note) {
  await page.evaluate(source + ";0");
  const found = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.target.join(' ')).slice(0, 4)]))",
  );
  for (const [id, help, targets] of found) note(`axe ${id}`, help, targets.join(", "));
}

async function look(browser, path, options) {
  const page = await browser.page();
  const url = pathToFileURL(path).href;
  const bytes = statSync(path).size;
  if (bytes > MOST_BYTES) breach(path, "-", "-", "weight", `${bytes} bytes, at most ${MOST_BYTES}`);
  await page.shape(960, "light");
  const ms = await opening(page, url);
  if (ms > MOST_OPENING_MS) breach(path, 960, "light", "slow", `opens in ${Math.round(ms)} ms`);
  let texts = 0;
  for (const theme of THEMES) {
    await page.shape(960, theme);
    await page.open(url);
    if (options.font) {
      const style = `body, svg, svg text { font-family: "${options.font}" !important }`;
      await page.evaluate(`document.head.append(Object.assign(document.createElement("style"), { textContent: ${JSON.stringify(style)} }))`);
    }
    for (const width of WIDTHS) {
      await page.shape(width, theme);
      for (const open of [false, true]) {
        await page.evaluate(`document.querySelectorAll("details").forEach((d) => (d.open = ${open})); document.fonts.ready.then(() => 0)`);
        const note = (...what) => breach(path, width, theme + (open ? ", open" : ""), ...what);
        const measured = await page.evaluate(MEASURE);
        texts = Math.max(texts, measured.texts);
        for (const { problem, text, box } of measured.problems) note(problem, text, box);
        if (options.axe) await axe(page, options.axe, note);
      }
    }
    for (const text of page.noted.errors) breach(path, "-", theme, "console", text);
    const others = page.noted.requests.filter((request) => request !== url && !request.startsWith("data:"));
    for (const request of others) breach(path, "-", theme, "request", request);
  }
  await page.shape(960, "light");
  await page.open(url);
  for (const [problem, text] of await keyboard(page)) breach(path, 960, "light", problem, text);
  for (const width of WIDTHS) {
    await page.shape(width, "light");
    await page.open(url);
    for (const [problem, text] of await marks(page)) breach(path, width, "light", problem, text);
  }
  await page.close();
  console.error(`${relative(process.cwd(), path)}: ${texts} texts, ${bytes} bytes, opens in ${Math.round(ms)} ms`);
}

const args = process.argv.slice(2);
const font = args[0] === "--font" ? args.splice(0, 2)[1] : undefined;
const noAxe = args[0] === "--no-axe" ? args.shift() : undefined;
const options = { font, axe: noAxe ? undefined : axeSource() };
const found = pages(args.length > 0 ? args : [SAMPLES]);
const browser = await start();
try {
  for (const path of found) await look(browser, path, options);
} finally {
  await browser.stop();
}
console.error(`${found.length} pages, ${breaches.length} breaches`);
process.exitCode = breaches.length > 0 || found.length === 0 ? 1 : 0;
