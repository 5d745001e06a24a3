/** Name under which the plugin's code is evaluated; stack lines with another name are not the plugin's. */
export const pluginFileName = 'bulkhead:plugin'
