import { chromium } from 'playwright-core';
const [,, out, hash='#/patient', lang='fr', theme='light', width='1280', height='900', ...steps] = process.argv;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] });
const context = await browser.newContext({ locale: lang === 'fr' ? 'fr-FR' : 'en-GB', colorScheme: theme, viewport: { width: +width, height: +height } });
const page = await context.newPage();
page.on('console', m => console.log('console', m.type(), m.text()));
page.on('pageerror', e => console.log('error', e.message));
page.on('requestfailed', r => console.log('failed', r.url(), r.failure()?.errorText));
await page.goto('http://localhost:8137/' + hash);
await page.waitForSelector('h1', {timeout: 5000}).catch(async () => console.log((await page.content()).slice(0, 3000)));
for (const s of steps) { if (s.startsWith('sel:')) await page.selectOption('#example', s.slice(4)); else if (s.startsWith('key:')) await page.keyboard.press(s.slice(4)); else if (s.startsWith('wait:')) await page.waitForTimeout(+s.slice(5)); else if (s==='full') {} else await page.click(s); await page.waitForTimeout(150); }
await page.screenshot({ path: out, fullPage: steps.includes('full') });
await browser.close();
