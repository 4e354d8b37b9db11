// What modules that page and worker share ask about, and a worker does not have: each asks whether it is there first.
declare const document: Document
interface Document {
  readonly visibilityState: string
  addEventListener(name: string, listener: () => void): void
  removeEventListener(name: string, listener: () => void): void
}
declare function matchMedia(query: string): { readonly matches: boolean }
interface StorageManager {
  persist?(): Promise<boolean>
}
interface WorkerNavigator {
  readonly mediaDevices?: { getUserMedia?: unknown }
}
