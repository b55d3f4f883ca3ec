// Keeps the control page current: asks for it again and exchanges the parts that changed.
async function renew() {
  try {
    const answer = await fetch("/sandbox", { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        part.innerHTML = next.innerHTML;
      }
    }
  } catch {
    // The sandbox has ended; the last state stays to be read.
  }
}
setInterval(renew, 1500);
