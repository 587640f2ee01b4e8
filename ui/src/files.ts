// Files are sent as soon as they are chosen or dropped, and how far they are is seen. Without this a form sends
// them.

import { announce, on } from "./dom";
import { show } from "./toast";

function send(form: HTMLFormElement, files: FileList): void {
  if (files.length === 0 || form.hasAttribute("data-sending")) return;
  form.setAttribute("data-sending", "");
  const body = new FormData();
  // In front: the gate looks at the form's start only.
  const proof = form.querySelector<HTMLInputElement>("input[type=hidden]");
  if (proof) body.append(proof.name, proof.value);
  for (const file of files) body.append("file", file, file.name);

  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", form.dataset.progress ?? "");
  // What others change meanwhile waits.
  bar.setAttribute("aria-busy", "true");
  form.append(bar);
  const end = (told: string): void => {
    bar.remove();
    form.removeAttribute("data-sending");
    form.reset();
    if (told) {
      show(told, "danger");
      announce(told);
    }
  };

  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    const to = request.getResponseHeader("Location");
    if (request.status === 204 && to) {
      end("");
      const url = new URL(to, location.href);
      url.hash = "";
      location.assign(url);
    } else {
      const words = request.getResponseHeader("Content-Type")?.startsWith("text/plain") ? request.responseText : "";
      end(words || (form.dataset.lost ?? ""));
    }
  });
  request.addEventListener("error", () => end(form.dataset.lost ?? ""));
  request.send(body);
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

export function start(): void {
  on("change", "form[data-files] input[type=file]", (_, field) => {
    const { form, files } = field as HTMLInputElement;
    if (form && files) send(form, files);
  });
  on("dragover", "[data-drop]", (event, place) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    place.classList.add("is-over");
  });
  on("dragleave", "[data-drop]", (event, place) => {
    if (!place.contains(event.relatedTarget as Node | null)) place.classList.remove("is-over");
  });
  on("drop", "[data-drop]", (event, place) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    place.classList.remove("is-over");
    const form = place.querySelector<HTMLFormElement>("form[data-files]");
    if (form && event.dataTransfer) send(form, event.dataTransfer.files);
  });
}
