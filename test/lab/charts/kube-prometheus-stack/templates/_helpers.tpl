{{- define "stack.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 26 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 26 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- define "stack.labels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.Version | quote }}
app.kubernetes.io/part-of: {{ .Chart.Name }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
release: {{ .Release.Name | quote }}
heritage: {{ .Release.Service | quote }}
{{- end }}
{{- define "stack.operatorLabels" -}}
{{ include "stack.labels" . }}
app: {{ .Chart.Name }}-operator
app.kubernetes.io/name: {{ .Chart.Name }}-prometheus-operator
app.kubernetes.io/component: prometheus-operator
{{- end }}
{{- define "stack.joined" -}}
{{- $namespaces := list }}
{{- if .namespaces.releaseNamespace }}{{ $namespaces = append $namespaces .release }}{{ end }}
{{- range .namespaces.additional }}{{ $namespaces = append $namespaces . }}{{ end }}
{{- join "," $namespaces }}
{{- end }}
