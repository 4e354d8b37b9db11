// Signing out, wherever a page offers it: nothing of the person stays in this browser.
import { useRouter } from 'vue-router'
import { forget } from '../../shared/remembered'
import { signOut } from './person'

export function useLeaving(): () => Promise<void> {
  const router = useRouter()
  return async () => {
    await signOut(() => router.replace('/sign-in'))
    forget()
  }
}
