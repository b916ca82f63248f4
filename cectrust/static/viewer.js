// Shows a PDF as paper: pages are drawn when they come near, with text over them for selection and screen readers.
const ROOM = 600; // pixels before a page comes into view at which it is drawn
const SHARPEST = 2;

for (const viewer of document.querySelectorAll(".viewer[data-pdf]")) open(viewer);

async function open(viewer) {
  const pages = viewer.querySelector(".pages");
  try {
    const pdf = await load(viewer.dataset);
    await lay(viewer, pages, pdf);
    zoomable(viewer, pages);
    viewer.dataset.ready = "yes";
  } catch (error) {
    console.error(error);
    pages.replaceChildren(note(viewer.dataset.failed));
  }
}

async function load({ pdf, library, worker, assets }) {
  const pdfjs = await import(library);
  pdfjs.GlobalWorkerOptions.workerSrc = worker;
  const options = {
    url: pdf,
    cMapUrl: `${assets}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${assets}standard_fonts/`,
    wasmUrl: `${assets}wasm/`,
    isEvalSupported: false,
    enableXfa: false,
    disableAutoFetch: false,
    disableRange: true, // the server checks the whole file's digest before the first byte leaves
    disableStream: true,
  };
  return { pdfjs, document: await pdfjs.getDocument(options).promise };
}

async function lay(viewer, pages, { pdfjs, document: pdf }) {
  const first = (await pdf.getPage(1)).getViewport({ scale: 1 });
  pages.replaceChildren();
  const near = new IntersectionObserver((entries) => entries.forEach((e) => e.isIntersecting && draw(e.target)), { root: pages, rootMargin: `${ROOM}px` });
  const seen = new IntersectionObserver((entries) => entries.forEach((e) => e.isIntersecting && tell(viewer, e.target.number, pdf.numPages)), { root: pages, threshold: 0.5 });
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const sheet = document.createElement("div");
    sheet.className = "page";
    sheet.number = number;
    sheet.source = { pdfjs, pdf };
    sheet.setAttribute("role", "group");
    sheet.setAttribute("aria-label", `${viewer.dataset.pageLabel} ${number} / ${pdf.numPages}`);
    sheet.style.aspectRatio = `${first.width} / ${first.height}`;
    pages.append(sheet);
    near.observe(sheet);
    seen.observe(sheet);
  }
}

function tell(viewer, number, total) {
  viewer.querySelector("[data-position]").textContent = `${number} / ${total} ${viewer.dataset.pageLabel}`;
}

async function draw(sheet) {
  const width = sheet.clientWidth;
  if (sheet.drawn === width) return;
  sheet.drawn = width;
  const { pdfjs, pdf } = sheet.source;
  const page = await pdf.getPage(sheet.number);
  const scale = width / page.getViewport({ scale: 1 }).width;
  const shown = page.getViewport({ scale });
  const ratio = Math.min(window.devicePixelRatio || 1, SHARPEST);
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(shown.width * ratio);
  canvas.height = Math.floor(shown.height * ratio);
  canvas.setAttribute("aria-hidden", "true"); // the text layer says what the picture shows
  const text = document.createElement("div");
  text.className = "textLayer";
  text.style.setProperty("--total-scale-factor", scale);
  sheet.style.aspectRatio = `${shown.width} / ${shown.height}`;
  await page.render({ canvas, viewport: page.getViewport({ scale: scale * ratio }) }).promise;
  sheet.replaceChildren(canvas, text);
  await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport: shown }).render();
  sheet.dataset.drawn = "yes";
}

function zoomable(viewer, pages) {
  let zoom = 1;
  for (const button of viewer.querySelectorAll("[data-zoom]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      zoom = Math.min(3, Math.max(0.5, zoom * (button.dataset.zoom === "in" ? 1.25 : 0.8)));
      pages.classList.toggle("wide", zoom > 1);
      for (const sheet of pages.children) sheet.style.width = `${zoom * 100}%`;
      for (const sheet of pages.querySelectorAll("[data-drawn]")) draw(sheet);
    });
  }
}

function note(text) {
  const paragraph = document.createElement("p");
  paragraph.className = "state";
  paragraph.setAttribute("role", "alert");
  paragraph.textContent = text;
  return paragraph;
}
