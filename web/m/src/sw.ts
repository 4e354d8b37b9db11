/// <reference lib="webworker" />
/// <reference path="./env.d.ts" />
declare const self: ServiceWorkerGlobalScope
self.addEventListener('install', () => undefined)
console.info(__SHELL__.length)
export {}
