// Signing in and out. The page asks who it is; where nobody is in, it shows a form and nothing of the venue.
// Next: console.js.

const byId = (id) => document.getElementById(id);
const PATH = "/api/v1/session";

// Who is in: { name, role, session }. Waits until somebody is.
export async function signedIn() {
  const answer = await fetch(PATH);
  if (answer.ok) return shown(await answer.json());
  if (answer.status !== 401) throw new Error(`${PATH} answered ${answer.status}`);
  return asked();
}

function asked() {
  const form = byId("sign-in");
  const told = byId("sign-in-told");
  form.hidden = false;
  byId("main").hidden = true;
  byId("status").textContent = "signed out";
  byId("token").focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const field = byId("token");
      const body = JSON.stringify({ token: field.value });
      const answer = await fetch(PATH, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
      if (!answer?.ok) {
        told.textContent = answer ? (await answer.json()).detail : "The gateway does not answer.";
        field.select();
        return;
      }
      field.value = "";
      told.textContent = "";
      form.hidden = true;
      byId("main").hidden = false;
      resolve(shown(await answer.json()));
    });
  });
}

function shown(who) {
  const out = byId("sign-out");
  byId("who").textContent = who.session ? `${who.name} (${who.role})` : "";
  out.hidden = !who.session;
  out.addEventListener("click", async () => {
    await fetch(PATH, { method: "DELETE" }).catch(() => null);
    location.reload();
  });
  return who;
}
