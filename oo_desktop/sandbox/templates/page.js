// Keeps the control page current, and lets its buttons work without loading it anew.
// Without this script everything works too: the forms are plain ones.
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && next.innerHTML !== part.innerHTML) part.innerHTML = next.innerHTML;
  }
}

async function renew() {
  try {
    const answer = await fetch("/sandbox", { cache: "no-store" });
    show(await answer.text());
  } catch {
    // The sandbox has ended; the last state stays to be read.
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (form.classList.contains("add")) form.reset();
  await renew();
});

setInterval(() => {
  // A part that is exchanged loses the keyboard's place: wait while somebody is in one.
  if (!document.activeElement?.closest("[data-live]")) renew();
}, 1500);
