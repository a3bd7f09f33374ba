#!/usr/bin/env bash
# The documented checklist as a person works through it who knows all names by heart: twelve commands, and no time to
# read or to think in between. bench/programs.ts says which variables it wants.
set -euo pipefail

# 1. Is the metrics Service there, and are pods behind it?
kubectl get services -n "$OPERATOR_NAMESPACE" -l app.kubernetes.io/part-of=dynamo-operator
kubectl get pods,endpointslices -n "$OPERATOR_NAMESPACE"

# 2. Is the ServiceMonitor there, and what are its labels?
kubectl get servicemonitors -n "$OPERATOR_NAMESPACE" -o yaml | grep -A8 labels:

# 3. Which labels does Prometheus ask for, and which Helm value sets them?
kubectl get prometheuses -A -o yaml | grep -A4 serviceMonitorSelector:
helm get values "$STACK_RELEASE" -n "$STACK_NAMESPACE" --all | grep NilUsesHelmValues

# 4. Is the target up?
prometheus="/api/v1/namespaces/$STACK_NAMESPACE/pods/$PROMETHEUS_POD:9090/proxy"
kubectl get --raw "$prometheus/api/v1/targets?state=active" | grep -o '"health":"[a-z]*"'

# 5. Have the metrics arrived?
kubectl get --raw "$prometheus/api/v1/query?query=dynamo_operator_reconcile_total" | grep -c dynamo_operator

# 6. Is the dashboard's ConfigMap there, with the sidecar's label?
kubectl get configmaps -A -l grafana_dashboard=1

# 7. Has the sidecar taken it, and does Grafana show it?
kubectl logs -n "$STACK_NAMESPACE" "deployment/$GRAFANA" -c grafana-sc-dashboard --tail=100
password=$(kubectl get secret -n "$STACK_NAMESPACE" "$GRAFANA" -o jsonpath='{.data.admin-password}' | base64 -d)
address=$(kubectl get pods -n "$STACK_NAMESPACE" -l app.kubernetes.io/name=grafana -o jsonpath='{.items[0].status.podIP}')
curl -sf -u "admin:$password" "http://$address:3000/api/dashboards/uid/$DASHBOARD" | grep -c '"title"'
