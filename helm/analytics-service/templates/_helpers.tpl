{{/* Names, labels and images. */}}

{{/* Makes a name for objects of every kind (a DNS label of RFC 1035) of any text, with at most 52
characters: with the suffix "-dashboards" it must fit into 63. A changed text gets a hash, so that
two texts never become one name. */}}
{{- define "analytics-service.objectName" -}}
{{- $name := regexReplaceAll "[^a-z0-9-]+" (lower .) "-" | trimAll "-" }}
{{- if regexMatch "^[0-9]" $name }}
{{- $name = printf "r%s" $name }}
{{- end }}
{{- if or (ne $name .) (gt (len $name) 52) }}
{{- printf "%s-%s" (trunc 43 $name | trimAll "-") (sha256sum . | trunc 8) }}
{{- else }}
{{- $name }}
{{- end }}
{{- end }}

{{- define "analytics-service.name" -}}
{{- include "analytics-service.objectName" (default .Chart.Name .Values.nameOverride) }}
{{- end }}

{{/* The prefix of all object names. */}}
{{- define "analytics-service.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $default := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- include "analytics-service.objectName" (default $default .Values.fullnameOverride) }}
{{- end }}

{{/* The helpers below take a dict: root (the chart's context) and component (ingest, query or
migration, which is also the key of its values, or another part of the name). */}}

{{- define "analytics-service.componentName" -}}
{{- printf "%s-%s" (include "analytics-service.fullname" .root) .component }}
{{- end }}

{{/* The selector of a Deployment, which must not change between releases. Other tools than Helm permit
names of releases that are no values of labels. */}}
{{- define "analytics-service.selectorLabels" -}}
{{- $instance := .root.Release.Name }}
{{- if not (regexMatch "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$" $instance) }}
{{- $instance = include "analytics-service.objectName" $instance }}
{{- end -}}
app.kubernetes.io/name: {{ include "analytics-service.name" .root | quote }}
app.kubernetes.io/instance: {{ $instance | quote }}
app.kubernetes.io/component: {{ .component | quote }}
{{- end }}

{{/* All labels of an object; `labels` in the dict are further ones. */}}
{{- define "analytics-service.labels" -}}
{{- $own := include "analytics-service.selectorLabels" . | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" (.root.Chart.AppVersion | toString) }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") }}
{{- merge $own (.labels | default dict) .root.Values.commonLabels | toYaml }}
{{- end }}

{{/* The metadata of an object; also takes name, labels and annotations. */}}
{{- define "analytics-service.metadata" -}}
name: {{ .name | default (include "analytics-service.componentName" .) }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "analytics-service.labels" . | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "analytics-service.image" -}}
{{- $image := (get .root.Values .component).image }}
{{- $repository := $image.repository }}
{{- with $image.registry | default .root.Values.image.registry }}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}
{{- end }}
{{- if $image.digest }}
{{- printf "%s@%s" $repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $repository ($image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "analytics-service.serviceAccountName" -}}
{{- $account := (get .root.Values .component).serviceAccount }}
{{- if $account.create }}
{{- default (include "analytics-service.componentName" .) $account.name }}
{{- else }}
{{- default "default" $account.name }}
{{- end }}
{{- end }}

{{/* The paths of the API as YAML: path, exact, component. Prefixes end at a slash, and the longest
wins. Takes a dict of root, exposeDocs and the components that are routed. */}}
{{- define "analytics-service.routes" -}}
{{- $routes := list
  (dict "path" "/api/v1/analytics/track" "component" "ingest" "exact" false)
  (dict "path" "/api/v1/analytics/track.js" "component" "ingest" "exact" true)
  (dict "path" "/api/v1/analytics" "component" "query" "exact" false)
  (dict "path" "/app" "component" "query" "exact" false) }}
{{- if .exposeDocs }}
{{- $routes = concat $routes (list
  (dict "path" "/docs" "component" "query" "exact" false)
  (dict "path" "/openapi.yaml" "component" "query" "exact" true)) }}
{{- end }}
{{- range $routes }}
{{- if and (has .component $.components) (get $.root.Values .component).enabled }}
- {{ toJson . }}
{{- end }}
{{- end }}
{{- end }}
