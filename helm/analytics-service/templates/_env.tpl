{{/* The environment of the programs. All take a dict of root and component. */}}

{{/* The variables of a container as YAML. Those of extraEnv replace those of the chart, so that no
name occurs twice. */}}
{{- define "analytics-service.env" -}}
{{- $values := get .root.Values .component }}
{{- $replaced := list }}
{{- range $values.extraEnv }}
{{- $replaced = append $replaced .name }}
{{- end }}
{{- $env := list }}
{{- range include "analytics-service.programEnv" . | fromYamlArray }}
{{- if not (has .name $replaced) }}
{{- $env = append $env . }}
{{- end }}
{{- end }}
{{- concat $env $values.extraEnv | toYaml }}
{{- end }}

{{/* The variables without those of extraEnv: in the order in which a value may refer to another. */}}
{{- define "analytics-service.programEnv" -}}
{{- include "analytics-service.databaseEnv" . }}
{{- include "analytics-service.caEnv" . }}
- name: LOG_FORMAT
  value: {{ .root.Values.config.logFormat | quote }}
- name: LOG_FILTER
  value: {{ .root.Values.config.logFilter | quote }}
{{- if ne .component "migration" }}
{{- include "analytics-service.tierEnv" . }}
{{- end }}
{{- if eq .component "ingest" }}
{{- include "analytics-service.ingestEnv" .root }}
{{- end }}
{{- if eq .component "query" }}
{{- include "analytics-service.queryEnv" .root }}
{{- end }}
{{- range $name, $value := (get .root.Values .component).settings }}
- name: {{ snakecase $name | upper }}
  value: {{ $value | int64 | quote }}
{{- end }}
{{- end }}

{{/* A variable from an existing Secret: a dict of env, secret (its name) and key. */}}
{{- define "analytics-service.secretEnv" }}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
{{- end }}

{{/* The variables of a user name and a password: a dict of username, password (their names) and login. */}}
{{- define "analytics-service.loginEnv" }}
{{- include "analytics-service.secretEnv" (dict "env" .username "secret" .login.name "key" .login.usernameKey) }}
{{- include "analytics-service.secretEnv" (dict "env" .password "secret" .login.name "key" .login.passwordKey) }}
{{- end }}

{{/* DATABASE_URL from a Secret, or a URL without a login, which the client library reads from
PGUSER and PGPASSWORD: unlike in a URL, a password may have any characters there. */}}
{{- define "analytics-service.databaseEnv" }}
{{- $database := .root.Values.database }}
{{- $login := get $database.logins .component }}
{{- if $login.name }}
{{- include "analytics-service.loginEnv" (dict "username" "PGUSER" "password" "PGPASSWORD" "login" $login) }}
{{- $host := eq .component "query" | ternary ($database.queryHost | default $database.host) $database.host }}
- name: DATABASE_URL
  value: {{ include "analytics-service.databaseUrl" (dict "database" $database "host" $host) | quote }}
{{- else }}
{{- $url := get .root.Values.secrets (printf "%sDatabaseUrl" .component) }}
{{- include "analytics-service.secretEnv" (dict "env" "DATABASE_URL" "secret" $url.name "key" $url.key) }}
{{- end }}
{{- end }}

{{/* A URL of the database: a dict of database (its values) and host, which may begin with a login. */}}
{{- define "analytics-service.databaseUrl" -}}
{{- printf "postgres://%s:%d/%s?sslmode=%s" .host (int .database.port) .database.name .database.sslmode }}
{{- end }}

{{/* The addresses have fixed ports, because Services and probes use them. */}}
{{- define "analytics-service.tierEnv" }}
{{- $config := .root.Values.config }}
- name: DATABASE_POOLER
  value: {{ .root.Values.database.pooler | quote }}
{{- $listen := $config.listenAddress }}
{{- if contains ":" $listen }}
{{- $listen = printf "[%s]" $listen }}
{{- end }}
- name: LISTEN_ADDR
  value: {{ printf "%s:8086" $listen | quote }}
- name: MANAGEMENT_ADDR
  value: {{ printf "%s:9086" $listen | quote }}
- name: DEFAULT_TIMEZONE
  value: {{ $config.defaultTimezone | quote }}
{{- if $config.traces.endpoint }}
{{- include "analytics-service.tracesEnv" . }}
{{- end }}
{{- with .root.Values.secrets.jwtSecret }}
{{- if .name }}
{{- include "analytics-service.secretEnv" (dict "env" "JWT_SECRET" "secret" .name "key" .key) }}
{{- end }}
{{- end }}
{{- if .root.Values.secrets.jwtPublicKey.name }}
- name: JWT_PUBLIC_KEY_FILE
  value: /etc/analytics-service/jwt-public-key/public.pem
{{- end }}
{{- with $config.jwt.jwksUrl }}
- name: JWT_JWKS_URL
  value: {{ . | quote }}
{{- end }}
{{- with $config.jwt.audience }}
- name: JWT_AUDIENCE
  value: {{ . | quote }}
{{- end }}
{{- with $config.jwt.issuer }}
- name: JWT_ISSUER
  value: {{ . | quote }}
{{- end }}
- name: JWT_MAX_LIFETIME_SECONDS
  value: {{ $config.jwt.maxLifetimeSeconds | int64 | quote }}
- name: JWT_TENANT_CLAIM
  value: {{ $config.jwt.tenantClaim | quote }}
- name: JWT_USER_CLAIM
  value: {{ $config.jwt.userClaim | quote }}
- name: JWT_ROLES_CLAIM
  value: {{ $config.jwt.rolesClaim | quote }}
- name: RATE_LIMIT_PER_ADDRESS
  value: {{ $config.limits.ratePerAddress | int64 | quote }}
{{- with $config.trustedProxies }}
- name: TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}

{{/* The kubelet replaces the names of pod and namespace. */}}
{{- define "analytics-service.tracesEnv" }}
{{- $traces := .root.Values.config.traces }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $traces.endpoint | quote }}
- name: OTEL_TRACES_SAMPLER
  value: {{ $traces.sampler | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $traces.samplerArg | quote }}
- name: OTEL_SERVICE_NAME
  value: {{ include "analytics-service.componentName" . | quote }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- $attributes := list "k8s.namespace.name=$(POD_NAMESPACE)" "k8s.pod.name=$(POD_NAME)" }}
{{- range $name, $value := $traces.resourceAttributes }}
{{- $attributes = append $attributes (printf "%s=%s" $name $value) }}
{{- end }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ join "," $attributes | quote }}
{{- end }}

{{- define "analytics-service.ingestEnv" }}
{{- $config := .Values.config }}
- name: WRITE_ROLES
  value: {{ join "," $config.roles.write | quote }}
{{- with $config.corsAllowedOrigins }}
- name: CORS_ALLOWED_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- if $config.requireWriteKey }}
- name: REQUIRE_WRITE_KEY
  value: "true"
{{- end }}
- name: RATE_LIMIT_PER_TENANT
  value: {{ $config.limits.ratePerTenant | int64 | quote }}
- name: EVENT_QUOTA_MIB_PER_DAY
  value: {{ $config.limits.eventQuotaMibPerDay | int64 | quote }}
- name: EVENT_MAX_VALUES_PER_DAY
  value: {{ $config.limits.eventMaxValuesPerDay | int64 | quote }}
{{- include "analytics-service.brokerEnv" . }}
{{- end }}

{{/* AMQP_URL from a Secret, or put together by the kubelet. The path of the vhost "/" is empty. */}}
{{- define "analytics-service.brokerEnv" }}
{{- $broker := .Values.broker }}
{{- if $broker.login.name }}
{{- include "analytics-service.loginEnv" (dict "username" "BROKER_USERNAME" "password" "BROKER_PASSWORD" "login" $broker.login) }}
{{- $scheme := $broker.tls | ternary "amqps" "amqp" }}
{{- $path := eq $broker.vhost "/" | ternary "" (printf "/%s" $broker.vhost) }}
- name: AMQP_URL
  value: {{ printf "%s://$(BROKER_USERNAME):$(BROKER_PASSWORD)@%s:%d%s" $scheme $broker.host (int $broker.port) $path | quote }}
{{- else if .Values.secrets.amqpUrl.name }}
{{- $url := .Values.secrets.amqpUrl }}
{{- include "analytics-service.secretEnv" (dict "env" "AMQP_URL" "secret" $url.name "key" $url.key) }}
{{- end }}
{{- if include "analytics-service.hasBroker" . }}
{{- $amqp := .Values.config.amqp }}
{{- if and (eq .Values.ingest.autoscaling.type "keda") .Values.secrets.amqpCa.name }}
- name: BROKER_TLS
  value: enable
{{- end }}
- name: AMQP_EXCHANGE
  value: {{ $amqp.exchange | quote }}
- name: AMQP_QUEUE
  value: {{ $amqp.queue | quote }}
- name: AMQP_BINDING_KEYS
  value: {{ join "," $amqp.bindingKeys | quote }}
- name: AMQP_PREFETCH
  value: {{ $amqp.prefetch | int64 | quote }}
- name: AMQP_RETRY_DELAY_SECONDS
  value: {{ $amqp.retryDelaySeconds | int64 | quote }}
- name: AMQP_MAX_RETRIES
  value: {{ $amqp.maxRetries | int64 | quote }}
{{- end }}
{{- end }}

{{/* "true" or nothing. */}}
{{- define "analytics-service.hasBroker" -}}
{{- if or .Values.secrets.amqpUrl.name .Values.broker.login.name }}true{{ end }}
{{- end }}

{{- define "analytics-service.queryEnv" }}
{{- with .Values.secrets.sessionSecret }}
{{- include "analytics-service.secretEnv" (dict "env" "SESSION_SECRET" "secret" .name "key" .key) }}
{{- end }}
{{- include "analytics-service.shareEnv" . }}
{{- with .Values.config.queryCorsAllowedOrigins }}
- name: CORS_ALLOWED_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.config.frameAncestors }}
- name: FRAME_ANCESTORS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.config.roles.read }}
- name: READ_ROLES
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.config.roles.export }}
- name: EXPORT_ROLES
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.config.roles.share }}
- name: SHARE_ROLES
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}

{{/* SHARE_DATABASE_URL from a Secret, or put together by the kubelet: PGUSER is the other login. */}}
{{- define "analytics-service.shareEnv" }}
{{- $database := .Values.database }}
{{- $login := $database.logins.share }}
{{- if $login.name }}
{{- include "analytics-service.loginEnv" (dict "username" "SHARE_USERNAME" "password" "SHARE_PASSWORD" "login" $login) }}
- name: SHARE_DATABASE_URL
  value: {{ include "analytics-service.databaseUrl" (dict "database" $database "host" (printf "$(SHARE_USERNAME):$(SHARE_PASSWORD)@%s" $database.host)) | quote }}
{{- else if .Values.secrets.shareDatabaseUrl.name }}
{{- $url := .Values.secrets.shareDatabaseUrl }}
{{- include "analytics-service.secretEnv" (dict "env" "SHARE_DATABASE_URL" "secret" $url.name "key" $url.key) }}
{{- end }}
{{- end }}

{{/* The certification authorities: of the database for all, of the broker for ingest, of the collector for both tiers. */}}
{{- define "analytics-service.caEnv" }}
{{- if .root.Values.secrets.databaseCa.name }}
- name: DATABASE_CA_FILE
  value: /etc/analytics-service/database-ca/ca.crt
{{- end }}
{{- if and .root.Values.secrets.amqpCa.name (eq .component "ingest") }}
- name: AMQP_CA_FILE
  value: /etc/analytics-service/amqp-ca/ca.crt
{{- end }}
{{- if and .root.Values.secrets.tracesCa.name (ne .component "migration") }}
- name: OTEL_EXPORTER_OTLP_CERTIFICATE
  value: /etc/analytics-service/traces-ca/ca.crt
{{- end }}
{{- end }}
