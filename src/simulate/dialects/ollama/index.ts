export { ollamaManners } from './manners.js'
export { chat as ollamaChat, generate as ollamaGenerate } from './request.js'
export { running, show, tags, version } from './side-doors.js'
