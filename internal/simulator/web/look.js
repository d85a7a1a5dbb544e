// The choice of theme: the system's, light, or dark.

const order = ['auto', 'light', 'dark'];
const symbols = { auto: 'auto', light: 'sun', dark: 'moon' };
const labels = { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' };

export function startTheme(button, icon) {
  const current = () => document.documentElement.dataset.theme ?? 'auto';
  const show = () => {
    button.replaceChildren(icon(symbols[current()]));
    button.setAttribute('aria-label', labels[current()]);
    button.title = labels[current()];
  };
  button.addEventListener('click', () => {
    const next = order[(order.indexOf(current()) + 1) % order.length];
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    remember(next);
    show();
  });
  show();
}

function remember(theme) {
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // Storage may be switched off: the choice lasts as long as the page.
  }
}
