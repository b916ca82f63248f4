// What a page can find out by itself: browser, permission, screen, clock. Nothing is sent anywhere.

const SMALLEST = [768, 1024];
const CLOCK_GOOD = 120;
const CLOCK_FATAL = 86400;

/**
 * @param {{alive: string, oldest: Record<string, number>, permissionState: () => Promise<string>}} options
 * @returns {Promise<{code: string, facts: object}[]>}
 */
export async function examineBrowser({ alive, oldest, permissionState }) {
  const state = await permissionState();
  const permission = { code: `permission.${state}`, facts: {} };
  return [browser(oldest), permission, screenSize(), await clock(alive)].flat();
}

function browser(oldest) {
  const { name, version, mobile } = identified();
  const facts = { name, version };
  if (mobile) return [{ code: "device.mobile", facts }];
  if (name === "Safari") return [{ code: "browser.unable", facts }];
  if (!(name in oldest)) return [{ code: "browser.unknown", facts }];
  return [{ code: version < oldest[name] ? "browser.old" : "browser.known", facts }];
}

// By client hints where there are any (only on secure pages of Chromium), else by the old name.
function identified() {
  const hints = navigator.userAgentData;
  const engine = hints?.brands.find(({ brand }) => brand === "Chromium");
  if (engine) return { name: "Chromium", version: Number(engine.version), mobile: hints.mobile };
  const agent = navigator.userAgent;
  const mobile = /Android|iPhone|iPad|Mobile/.test(agent);
  for (const [name, pattern] of [["Firefox", /Firefox\/(\d+)/], ["Chromium", /Chrom(?:e|ium)\/(\d+)/], ["Safari", /Version\/(\d+).*Safari/]]) {
    const found = pattern.exec(agent);
    if (found) return { name, version: Number(found[1]), mobile };
  }
  return { name: "?", version: 0, mobile };
}

function screenSize() {
  const { width, height } = screen;
  const [low, high] = [Math.min(width, height), Math.max(width, height)];
  const enough = low >= SMALLEST[0] && high >= SMALLEST[1];
  return { code: enough ? "window.enough" : "window.small", facts: { width, height } };
}

// The Date header is exact to a second (RFC 9110 section 6.6.1). A server that is gone has other words on other pages.
async function clock(alive) {
  const before = Date.now();
  try {
    const answer = await fetch(alive, { method: "HEAD", cache: "no-store" });
    const seconds = Math.round(Math.abs((before + Date.now()) / 2 - Date.parse(answer.headers.get("Date"))) / 1000);
    if (Number.isNaN(seconds)) return [];
    return [{ code: seconds <= CLOCK_GOOD ? "time.right" : seconds <= CLOCK_FATAL ? "time.wrong" : "time.far", facts: { seconds } }];
  } catch {
    return [];
  }
}
