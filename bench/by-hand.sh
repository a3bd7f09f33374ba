#!/usr/bin/env bash
# The documented checklist as a person works through it, a command a question, without the thinking in between.
# Wants KUBECONFIG, and kubectl, helm and curl on the PATH.
set -euo pipefail
operator=inference
stack=observability

# 1. Is the metrics Service there, and are pods behind it?
kubectl get services -n $operator -l app.kubernetes.io/part-of=dynamo-operator
kubectl get pods -n $operator -l control-plane=controller-manager
kubectl get endpointslices -n $operator

# 2. Is the ServiceMonitor there, and what are its labels?
kubectl get servicemonitors -n $operator -o yaml | grep -A8 labels:

# 3. Which labels does the Prometheus ask for, and which Helm value sets that?
kubectl get prometheuses -A -o yaml | grep -A4 serviceMonitorSelector:
helm get values kps -n $stack --all | grep NilUsesHelmValues

# 4. Is the target up?
prometheus=$(kubectl get pods -n $stack -l app.kubernetes.io/name=prometheus -o name | head -n 1)
kubectl get --raw "/api/v1/namespaces/$stack/pods/${prometheus#pod/}:9090/proxy/api/v1/targets?state=active" | grep -o '"health":"[a-z]*"'

# 5. Are the metrics there?
kubectl get --raw "/api/v1/namespaces/$stack/pods/${prometheus#pod/}:9090/proxy/api/v1/query?query=controller_runtime_reconcile_total" | grep -c '"status":"success"'

# 6. Is the dashboard's ConfigMap there, with the label?
kubectl get configmaps -A -l grafana_dashboard=1

# 7. Has the sidecar taken it, and does Grafana show it?
kubectl logs -n $stack deployment/kps-grafana -c grafana-sc-dashboard --tail=100 | grep -c 'Writing' || true
password=$(kubectl get secret -n $stack kps-grafana -o jsonpath='{.data.admin-password}' | base64 -d)
grafana=$(kubectl get pods -n $stack -l app.kubernetes.io/name=grafana -o jsonpath='{.items[0].status.podIP}')
curl -sf -u "admin:$password" "http://$grafana:3000/api/dashboards/uid/dynamo-operator" | grep -c '"title"'
