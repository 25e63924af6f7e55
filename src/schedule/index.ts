export {
  type ClosedSchedule,
  MAX_CLOSED_REQUESTS,
  type OpenSchedule,
  planSchedule,
  type Schedule,
} from './plan.js'
