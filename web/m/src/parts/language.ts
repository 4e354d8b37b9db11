// The person changes the language: the words at once, and what the server told in the other one as soon as there is a line.
import { useI18n } from 'vue-i18n'
import { keepLanguage, type Language } from '../../../shared/words'
import { readIn } from '../pull'
import { flush } from '../sync'
import { person } from './account'

export function useLanguage(): (language: Language) => void {
  const { locale } = useI18n()
  return (language) => {
    keepLanguage(language)
    locale.value = language
    void readIn(language).then((isOther) => {
      if (isOther && person.value) void flush('person')
    })
  }
}
