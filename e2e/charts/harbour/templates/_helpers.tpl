{{- define "harbour.image" -}}
{{ printf "%s/%s:%s" .registry .repository .tag }}
{{- end }}

{{- define "harbour.labels" -}}
app.kubernetes.io/name: harbour
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
