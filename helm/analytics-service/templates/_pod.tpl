{{/* Pods: the parts shared by the Deployments, the Job and the test. All take a dict of root and
component. */}}

{{- define "analytics-service.podMetadata" -}}
{{- $values := get .root.Values .component -}}
labels:
  {{- include "analytics-service.labels" (merge (dict "labels" $values.podLabels) .) | nindent 2 }}
{{- $annotations := dict }}
{{- if and .root.Values.metrics.scrapeAnnotations (ne .component "migration") }}
{{- $annotations = dict "prometheus.io/scrape" "true" "prometheus.io/path" "/metrics" "prometheus.io/port" "9086" }}
{{- end }}
{{- with merge (dict) $values.podAnnotations $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The settings of a pod without its containers. No container calls the Kubernetes API, so that
none needs a token. */}}
{{- define "analytics-service.podSettings" -}}
{{- $values := get .root.Values .component -}}
serviceAccountName: {{ include "analytics-service.serviceAccountName" . | quote }}
automountServiceAccountToken: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" "priorityClassName" "runtimeClassName" "hostAliases" "dnsPolicy" "dnsConfig" "initContainers" }}
{{- with get $values $field }}
{{- dict $field . | toYaml | nindent 0 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The settings of the program's container: everything but name, ports and probes. */}}
{{- define "analytics-service.containerSettings" -}}
{{- $values := get .root.Values .component -}}
image: {{ include "analytics-service.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.containerSecurityContext | nindent 2 }}
resources:
  {{- toYaml $values.resources | nindent 2 }}
env:
  {{- include "analytics-service.env" . | nindent 2 }}
{{- with $values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "analytics-service.volumeMounts" . | trim }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The files of Secrets as YAML: name (of the volume), secret, key, path (of the file). */}}
{{- define "analytics-service.secretFiles" -}}
{{- $secrets := .root.Values.secrets }}
{{- with $secrets.databaseCa }}
{{- if .name }}
- { name: database-ca, secret: {{ .name | quote }}, key: {{ .key | quote }}, path: ca.crt }
{{- end }}
{{- end }}
{{- if eq .component "ingest" }}
{{- with $secrets.amqpCa }}
{{- if .name }}
- { name: amqp-ca, secret: {{ .name | quote }}, key: {{ .key | quote }}, path: ca.crt }
{{- end }}
{{- end }}
{{- end }}
{{- if ne .component "migration" }}
{{- with $secrets.tracesCa }}
{{- if .name }}
- { name: traces-ca, secret: {{ .name | quote }}, key: {{ .key | quote }}, path: ca.crt }
{{- end }}
{{- end }}
{{- with $secrets.jwtPublicKey }}
{{- if .name }}
- { name: jwt-public-key, secret: {{ .name | quote }}, key: {{ .key | quote }}, path: public.pem }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "analytics-service.volumeMounts" -}}
{{- if ne .component "migration" }}
- name: tmp
  mountPath: /tmp
{{- end }}
{{- range include "analytics-service.secretFiles" . | fromYamlArray }}
- name: {{ .name }}
  mountPath: /etc/analytics-service/{{ .name }}
  readOnly: true
{{- end }}
{{- with (get .root.Values .component).extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "analytics-service.volumes" -}}
{{- $values := get .root.Values .component }}
{{- if ne .component "migration" }}
- name: tmp
  emptyDir:
    sizeLimit: {{ $values.tmpSizeLimit }}
{{- end }}
{{- range include "analytics-service.secretFiles" . | fromYamlArray }}
- name: {{ .name }}
  secret:
    secretName: {{ .secret | quote }}
    items: [{ key: {{ .key | quote }}, path: {{ .path }} }]
{{- end }}
{{- with $values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The constraints of a tier's pods, by default among the pods of one version. */}}
{{- define "analytics-service.topologySpreadConstraints" -}}
{{- $selector := dict "matchLabels" (include "analytics-service.selectorLabels" . | fromYaml) }}
{{- range (get .root.Values .component).topologySpreadConstraints }}
{{- $default := hasKey . "labelSelector" | ternary (dict) (dict "labelSelector" $selector "matchLabelKeys" (list "pod-template-hash")) }}
- {{ merge (dict) . $default | toYaml | nindent 2 | trim }}
{{- end }}
{{- end }}

{{/* Checks that values fit together, beyond values.schema.json. */}}
{{- define "analytics-service.checkTier" -}}
{{- $values := get .root.Values .component }}
{{- $needed := add $values.settings.drainSeconds $values.settings.shutdownTimeoutSeconds 10 | int }}
{{- if lt (int $values.terminationGracePeriodSeconds) $needed }}
{{- fail (printf "%s.terminationGracePeriodSeconds must be at least %d: settings.drainSeconds, settings.shutdownTimeoutSeconds, and 10 s to settle" .component $needed) }}
{{- end }}
{{- $scaling := $values.autoscaling }}
{{- if ne $scaling.type "none" }}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) }}
{{- fail (printf "%s.autoscaling.minReplicas must be at most maxReplicas" .component) }}
{{- end }}
{{- if and $scaling.targetCpuPercent (not (dig "requests" "cpu" "" $values.resources)) }}
{{- fail (printf "%s.autoscaling.targetCpuPercent requires %s.resources.requests.cpu" .component .component) }}
{{- end }}
{{- end }}
{{- end }}
