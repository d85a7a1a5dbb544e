// The choices of look: the theme (the system's, light, or dark) and the language of the bar.

const order = ['auto', 'light', 'dark'];
const symbols = { auto: 'auto', light: 'sun', dark: 'moon' };

/** startTheme lets a button change the theme; words() is what the bar speaks now. It returns what labels the button anew. */
export function startTheme(button, icon, words) {
  const current = () => document.documentElement.dataset.theme ?? 'auto';
  const show = () => {
    button.replaceChildren(icon(symbols[current()]));
    const t = words();
    button.title = { auto: t.themeAuto, light: t.themeLight, dark: t.themeDark }[current()];
    button.setAttribute('aria-label', button.title);
  };
  button.addEventListener('click', () => {
    const next = order[(order.indexOf(current()) + 1) % order.length];
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    remember('theme', next);
    show();
  });
  return show;
}

/** barLanguage is the language of the bar: "?lang=ar", what was chosen before, or the browser's. */
export function barLanguage() {
  let chosen = new URLSearchParams(location.search).get('lang');
  try {
    chosen ??= localStorage.getItem('language');
  } catch {
    // Storage may be switched off.
  }
  return (chosen ?? navigator.language).startsWith('ar') ? 'ar' : 'en';
}

export const rememberLanguage = (language) => remember('language', language);

function remember(what, choice) {
  try {
    localStorage.setItem(what, choice);
  } catch {
    // Storage may be switched off: the choice lasts as long as the page.
  }
}
