/// <reference types="vite/client" />
/** Files of the built shell, relative to /m/, written in by the worker's build. */
declare const __SHELL__: string[]
