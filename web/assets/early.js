// Runs before the first paint, so that neither theme nor language changes under the reader's eyes, and so that what every screen
// needs is on its way while the scripts are still being read.
(() => {
  const root = document.documentElement;
  const recall = (/** @type {string} */ name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // the browser is told to keep nothing
    }
  };
  const theme = recall('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const spoken = [recall('language') ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2));
  root.lang = spoken.find((language) => language === 'fr' || language === 'en') ?? 'fr';

  const here = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;
  for (const address of [new URL(`./${root.lang}.json`, here).href, '/variables']) {
    const link = document.createElement('link');
    Object.assign(link, { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href: address });
    document.head.append(link);
  }
})();
