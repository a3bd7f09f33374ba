{{- define "grafana.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name }}{{ end }}
{{- end }}
{{- define "grafana.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "grafana.namespaces" -}}
{{- if kindIs "slice" . }}{{ join "," . }}{{ else }}{{ . }}{{ end }}
{{- end }}
{{- define "grafana.credentials" -}}
- name: {{ .user }}
  valueFrom: { secretKeyRef: { name: {{ .secret }}, key: admin-user } }
- name: {{ .password }}
  valueFrom: { secretKeyRef: { name: {{ .secret }}, key: admin-password } }
{{- end }}
