{{/* The pod settings shared by the Deployments and the Job. All take a dict of
root and component. */}}

{{- define "analytics-service.podMetadata" -}}
{{- $values := get .root.Values .component -}}
labels:
  {{- include "analytics-service.labels" . | nindent 2 }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := dict }}
{{- if and .root.Values.metrics.scrapeAnnotations (ne .component "migration") }}
{{- $annotations = dict "prometheus.io/scrape" "true" "prometheus.io/path" "/metrics" "prometheus.io/port" "9086" }}
{{- end }}
{{- with merge (dict) $values.podAnnotations $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* No container calls the Kubernetes API, so that none needs a token. */}}
{{- define "analytics-service.podSettings" -}}
{{- $values := get .root.Values .component -}}
automountServiceAccountToken: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "analytics-service.containerSettings" -}}
{{- $values := get .root.Values .component -}}
image: {{ include "analytics-service.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.containerSecurityContext | nindent 2 }}
resources:
  {{- toYaml $values.resources | nindent 2 }}
{{- end }}

{{/* The additional settings of the containers of both tiers: ports, probes, /tmp. */}}
{{- define "analytics-service.tierContainerSettings" -}}
ports:
  - name: http
    containerPort: 8086
  - name: management
    containerPort: 9086
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- with include "analytics-service.caMounts" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
# A slow start does not restart the container.
startupProbe:
  httpGet:
    path: /livez
    port: management
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  httpGet:
    path: /livez
    port: management
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /readyz
    port: management
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{- define "analytics-service.tierVolumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ (get .root.Values .component).tmpSizeLimit }}
{{- include "analytics-service.caVolumes" . }}
{{- end }}

{{/* The certification authorities: of the database for all, of the broker for ingest. */}}
{{- define "analytics-service.caEnv" -}}
{{- if .root.Values.secrets.databaseCa.name }}
- name: DATABASE_CA_FILE
  value: /etc/analytics-service/database-ca/ca.crt
{{- end }}
{{- if and .root.Values.secrets.amqpCa.name (eq .component "ingest") }}
- name: AMQP_CA_FILE
  value: /etc/analytics-service/amqp-ca/ca.crt
{{- end }}
{{- end }}

{{- define "analytics-service.caMounts" -}}
{{- if .root.Values.secrets.databaseCa.name }}
- name: database-ca
  mountPath: /etc/analytics-service/database-ca
  readOnly: true
{{- end }}
{{- if and .root.Values.secrets.amqpCa.name (eq .component "ingest") }}
- name: amqp-ca
  mountPath: /etc/analytics-service/amqp-ca
  readOnly: true
{{- end }}
{{- end }}

{{- define "analytics-service.caVolumes" -}}
{{- with .root.Values.secrets.databaseCa }}
{{- if .name }}
- name: database-ca
  secret:
    secretName: {{ .name }}
    items: [{ key: {{ .key | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- if eq .component "ingest" }}
{{- with .root.Values.secrets.amqpCa }}
{{- if .name }}
- name: amqp-ca
  secret:
    secretName: {{ .name }}
    items: [{ key: {{ .key | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- end }}
{{- end }}
