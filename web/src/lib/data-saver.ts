import { computed } from '@preact/signals'
import { browserSavesData } from './network.ts'
import { me } from './session.ts'

/** Asked for in the settings, or by the browser for every site: nothing comes that was not asked for. */
export const savingData = computed(() => me.value?.dataSaver === true || browserSavesData.value)
