const nowhere = 'No Prometheus that answers has metrics of the operator'

/** What is said where the operator's metrics are in no Prometheus that could be asked. */
export const noMetrics = `${nowhere}.`
export const nothingToDraw = `${nowhere}: there is nothing to draw.`
export const doctorKnows = 'dynamo-metrics doctor says why.'
