/**
 * How many Dynamo resources there are, by kind, namespace and state: a gauge, in spite of its name, and the one family
 * that says of the cluster what every replica says. The others count what a replica did itself.
 */
export const inventoryGauge = 'dynamo_operator_resources_total'

/** Of the kinds that it counts the one that people make: the operator makes the others of it. */
export const inventoriedKind = 'DynamoGraphDeployment'
