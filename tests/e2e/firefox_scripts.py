"""What `firefox.py` has Firefox run: finders in the page, and ears inside the browser."""

CONTROL = """(label) =>
  [...document.querySelectorAll("label")].find((one) => one.textContent.includes(label))?.control
"""
OPTION = """(label, text) => {
  const list = [...document.querySelectorAll("label")].find((one) => one.textContent.includes(label))?.control;
  return list && [...list.options].find((one) => one.textContent.includes(text));
}
"""
BUTTON = """(name) =>
  [...document.querySelectorAll("button")].find((one) => one.innerText.trim() === name && one.checkVisibility())
"""
SEES = """(selector, text) =>
  [...document.querySelectorAll(selector)].some((one) =>
    one.checkVisibility({ visibilityProperty: true }) && one.textContent.includes(text))
"""
SAYS = """(text) => document.body.innerText.includes(text)"""

EVALUATE = """
const [argument, done] = arguments;
Promise.resolve().then(() => (%s)(argument)).then(
  (value) => done({ value: value ?? null }),
  (error) => done({ wrong: String(error) }),
);
"""

LISTEN = """() => {
  window.heard = { complaints: [], milliseconds: 0 };
  const page = (message) => message instanceof Ci.nsIScriptError && /^https?:/.test(message.sourceName);
  Services.console.registerListener({
    observe: (message) => page(message) && !(message.flags & Ci.nsIScriptError.infoFlag)
      && window.heard.complaints.push(`${message.category}: ${message.errorMessage} ${message.sourceName}`),
  });
  const channel = (subject) => {
    try {
      const timing = subject.QueryInterface(Ci.nsIHttpChannel).getResponseHeader("Server-Timing");
      window.heard.milliseconds += Number(/app;dur=([0-9.]+)/.exec(timing)?.[1] ?? 0);
    } catch { /* without that header */ }
  };
  Services.obs.addObserver({ observe: channel }, "http-on-examine-response");
}
"""
HEARD = "() => window.heard.complaints"
SERVER = "() => window.heard.milliseconds"

DOWNLOADS = """async () => {
  const { Downloads } = ChromeUtils.importESModule("resource://gre/modules/Downloads.sys.mjs");
  const all = await (await Downloads.getList(Downloads.ALL)).getAll();
  return all.map((one) => ({ path: one.target.path, done: one.succeeded }));
}
"""

ANSWER = """([origin, permission, answer]) => {
  const principal = Services.scriptSecurityManager.createContentPrincipalFromOrigin(origin);
  Services.perms.removeFromPrincipal(principal, permission);
  const action = { allow: Services.perms.ALLOW_ACTION, block: Services.perms.DENY_ACTION }[answer];
  if (action) Services.perms.addFromPrincipal(principal, permission, action);
}
"""
ASKS = """() => window.PopupNotifications.getNotification("loopback-network", gBrowser.selectedBrowser) !== null"""
