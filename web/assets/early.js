// Runs before the first paint, so that neither theme nor language changes under the reader's eyes.
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const spoken = [localStorage.getItem('language') ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2));
  root.lang = spoken.find((language) => language === 'fr' || language === 'en') ?? 'fr';
})();
