// Headless Chromium over the DevTools protocol, through a pair of pipes: no package needed.
// Deliberately not here: what is looked for on a page.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Without what would open connections of the browser's own.
const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-default-apps", "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb",
  "--remote-debugging-pipe",
];

/** Starts the browser named by `CHROMIUM` (default: chromium). */
export async function start() {
  const profile = mkdtempSync(join(tmpdir(), "audit-"));
  const child = spawn(process.env.CHROMIUM ?? "chromium", [...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [input, output] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map();
  const listeners = new Map();
  let last = 0;
  let rest = "";
  output.setEncoding("utf8");
  output.on("data", (chunk) => {
    const messages = (rest + chunk).split("\0");
    rest = messages.pop();
    for (const text of messages) {
      const message = JSON.parse(text);
      if (message.id) {
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        message.error ? reject(new Error(message.error.message)) : resolve(message.result);
      } else {
        listeners.get(message.sessionId)?.(message.method, message.params);
      }
    }
  });
  child.on("error", (error) => {
    console.error(`the browser does not start: ${error.message}`);
    process.exit(2);
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      input.write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
    });
  return {
    page: () => page(send, listeners),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await send("Browser.close").catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A tab of its own that notes errors and requests. */
async function page(send, listeners) {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const noted = { errors: [], requests: [] };
  let loaded = () => {};
  listeners.set(sessionId, (method, params) => {
    if (method === "Page.loadEventFired") loaded();
    if (method === "Runtime.exceptionThrown") noted.errors.push(params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") {
      noted.errors.push(params.args.map((arg) => arg.value).join(" "));
    }
    if (method === "Log.entryAdded") noted.errors.push(params.entry.text);
    if (method === "Network.requestWillBeSent") noted.requests.push(params.request.url);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
  return {
    call,
    noted,
    /** Opens a URL; returns after its load event. */
    async open(url) {
      noted.errors.length = 0;
      noted.requests.length = 0;
      const done = new Promise((resolve) => (loaded = resolve));
      await call("Page.navigate", { url });
      await done;
    },
    /** Sets width in CSS pixels and colour scheme; `media` may be "print". */
    async shape(width, theme, media = "") {
      const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false };
      await call("Emulation.setDeviceMetricsOverride", metrics);
      const features = [{ name: "prefers-color-scheme", value: theme }];
      await call("Emulation.setEmulatedMedia", { media, features });
    },
    /** The value of an expression, or of what it promises. */
    async evaluate(expression) {
      const options = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await call("Runtime.evaluate", options);
      if (exceptionDetails) {
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      }
      return result.value;
    },
    close: () => send("Target.closeTarget", { targetId }),
  };
}
