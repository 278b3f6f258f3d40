// The little that HTML does not do by itself. No page needs it to work.

// A form is sent once: a second press while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (event.submitter?.formTarget) return; // shown elsewhere, and the page stays
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  const busy = event.submitter?.dataset.busy;
  if (busy) event.submitter.textContent = busy;
});

// Coming back with the back button, a form can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A text to copy is taken as a whole.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[data-select]")) event.target.select();
});

// A menu closes with Escape, and when something else is pressed.
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details.who[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
document.addEventListener("click", (event) => {
  const open = document.querySelector("details.who[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

// A mail is shown anew while it is written, in its frame, once the typing rests.
for (const form of document.querySelectorAll("form[data-preview]")) {
  let rest;
  form.addEventListener("input", () => {
    clearTimeout(rest);
    rest = setTimeout(() => form.requestSubmit(form.querySelector("[formtarget]")), 800);
  });
}
