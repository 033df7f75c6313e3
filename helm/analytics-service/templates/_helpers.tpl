{{/* Names, labels, images and environment shared by several resources. */}}

{{- define "analytics-service.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* The prefix of all resource names. With the suffix "-migration" it must fit into
the 63 characters of a label. */}}
{{- define "analytics-service.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "analytics-service.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* The helpers below take a dict: root (the chart's context) and component
(ingest, query or migration, which is also the key of its values). */}}

{{- define "analytics-service.componentName" -}}
{{- printf "%s-%s" (include "analytics-service.fullname" .root) .component }}
{{- end }}

{{/* The selector of a Deployment, which must not change between releases. */}}
{{- define "analytics-service.selectorLabels" -}}
app.kubernetes.io/name: {{ include "analytics-service.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "analytics-service.labels" -}}
{{ include "analytics-service.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "analytics-service.image" -}}
{{- $repository := (get .root.Values .component).image.repository }}
{{- with .root.Values.image.registry }}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}
{{- end }}
{{- printf "%s:%s" $repository (default .root.Chart.AppVersion .root.Values.image.tag) }}
{{- end }}

{{- define "analytics-service.serviceAccountName" -}}
{{- $account := (get .root.Values .component).serviceAccount }}
{{- if $account.create }}
{{- default (include "analytics-service.componentName" .) $account.name }}
{{- else }}
{{- default "default" $account.name }}
{{- end }}
{{- end }}

{{/* An environment variable from an existing Secret: a dict of env and secret. */}}
{{- define "analytics-service.secretEnv" -}}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name }}
      key: {{ .secret.key }}
{{- end }}

{{/* The environment of both tiers, except DATABASE_URL. The addresses are
fixed, because Services and probes use the ports. */}}
{{- define "analytics-service.tierEnv" -}}
{{ include "analytics-service.secretEnv" (dict "env" "JWT_SECRET" "secret" .Values.secrets.jwtSecret) }}
{{- with .Values.config.jwt.jwksUrl }}
- name: JWT_JWKS_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.config.jwt.audience }}
- name: JWT_AUDIENCE
  value: {{ . | quote }}
{{- end }}
{{- with .Values.config.jwt.issuer }}
- name: JWT_ISSUER
  value: {{ . | quote }}
{{- end }}
- name: LISTEN_ADDR
  value: 0.0.0.0:8086
- name: MANAGEMENT_ADDR
  value: 0.0.0.0:9086
- name: LOG_FORMAT
  value: {{ .Values.config.logFormat }}
- name: DEFAULT_TIMEZONE
  value: {{ .Values.config.defaultTimezone | quote }}
- name: RATE_LIMIT_PER_ADDRESS
  value: {{ .Values.config.limits.ratePerAddress | int64 | quote }}
{{- with .Values.config.trustedProxies }}
- name: TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}
