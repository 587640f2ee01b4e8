//! Every setting with its default and meaning: the one place that knows them all. The help, the
//! page `docs/operating/settings.md` and the reader are made from it.

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The name of its environment variable.
    pub name: &'static str,
    /// Its value when it is not set; `None` when the default is made from others or has no text.
    pub default: &'static str,
    /// What it means, with its unit.
    pub meaning: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
}

/// Settings that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// The heading.
    pub title: &'static str,
    /// Its settings.
    pub settings: &'static [Setting],
}

const fn set(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting {
        name,
        default,
        meaning,
        secret: false,
    }
}

const fn secret(name: &'static str, meaning: &'static str) -> Setting {
    Setting {
        name,
        default: "",
        meaning,
        secret: true,
    }
}

/// All settings, by topic.
pub const TOPICS: &[Topic] = &[
    Topic {
        title: "Program",
        settings: &[
            set(
                "SINDICO_BIND",
                "127.0.0.1:8000",
                "Where to listen: an address and port, or the path of a socket file, for a proxy on the same machine.",
            ),
            set(
                "SINDICO_METRICS_BIND",
                "",
                "Address and port of the Prometheus metrics; off when empty.",
            ),
            set(
                "SINDICO_DATA_DIR",
                "",
                "Everything that the embedded mode writes. By default /var/lib/sindico for root, else the XDG data folder.",
            ),
            secret(
                "SECRET_KEY",
                "Signing and envelope encryption; at least 32 characters. Made once into the data directory in embedded mode, else required.",
            ),
            secret(
                "SECRET_KEY_FALLBACKS",
                "Older SECRET_KEYs, comma-separated: what was sealed under them can still be read, and is brought under SECRET_KEY.",
            ),
            set(
                "SINDICO_PUBLIC_URL",
                "",
                "The address that links in e-mails begin with. By default https:// and CONTROL_PLANE_HOST, else http:// and SINDICO_BIND (localhost when that is a socket file).",
            ),
            set(
                "SINDICO_TRUSTED_PROXIES",
                "127.0.0.0/8,::1/128",
                "Networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
            ),
            set(
                "SINDICO_DNS_SERVERS",
                "",
                "Addresses of the DNS servers asked for the proof of custom domains, separated by commas, with :port unless it is 53; the system's when empty.",
            ),
            set(
                "SINDICO_WEBHOOK_NETWORKS",
                "",
                "Networks that tenants' webhooks may call and their mail servers may be in though they are private, by http and without TLS too, such as 10.1.0.0/16. By default they reach the public internet alone, by https and with TLS.",
            ),
            set(
                "SINDICO_BODY_LIMIT",
                "2097152",
                "The largest request body, in bytes.",
            ),
            set(
                "SINDICO_FILE_LIMIT",
                "26214400",
                "The largest file at a record, in bytes.",
            ),
            set(
                "SINDICO_TENANT_FILES_LIMIT",
                "5368709120",
                "What all files at a tenant's records may take together, in bytes; content that several have counts once.",
            ),
            set(
                "SINDICO_TIME_ZONE",
                "America/Sao_Paulo",
                "Where \"today\" is, for default dates (IANA name).",
            ),
            set(
                "SINDICO_STOP_GRACE",
                "25",
                "How long running requests and operations may take to finish when the program is told to stop, in seconds.",
            ),
            set(
                "SINDICO_LOG",
                "info",
                "What is logged: error, warn, info, debug, or a filter such as info,sindico=debug.",
            ),
            set("SINDICO_LOG_FORMAT", "text", "text, or json for machines."),
        ],
    },
    Topic {
        title: "Control database",
        settings: &[
            secret(
                "DATABASE_URL",
                "The control database, as postgres://user:password@host/name, with ?sslmode= and &sslrootcert= as libpq has them (prefer). When unset, a private PostgreSQL in SINDICO_DATA_DIR is started and stopped with the program.",
            ),
            set(
                "SINDICO_DATABASE_CONNECTIONS",
                "16",
                "The most connections to the control database that this program keeps.",
            ),
            set(
                "SINDICO_SERVER_CONNECTIONS",
                "40",
                "The most connections to each server of tenants' data that this program keeps.",
            ),
            set(
                "SINDICO_POSTGRES_BIN",
                "",
                "The folder with PostgreSQL's initdb and postgres (15 or later) for the private server. By default PATH, then the newest in /usr/lib/postgresql.",
            ),
            set(
                "SINDICO_INSTALL_POSTGRES",
                "true",
                "Whether the program may install PostgreSQL by apt-get when it runs as root on a Debian family system that lacks it.",
            ),
            set(
                "TENANT_SHARED_DATABASE",
                "crm_shared",
                "The database that holds SHARED_SCHEMA tenants, one per server.",
            ),
        ],
    },
    Topic {
        title: "Domains and hosts",
        settings: &[
            set(
                "TENANT_BASE_DOMAIN",
                "",
                "The domain under which tenants' portals live, such as mksbrasil.com: {subdomain}.mksbrasil.com.",
            ),
            set(
                "TENANT_RESERVED_SUBDOMAINS",
                "sistema,www,api,admin,static,media",
                "Subdomains that no tenant may have; CONTROL_PLANE_SUBDOMAIN is always among them.",
            ),
            set(
                "TENANT_PUBLIC_HOSTS",
                "localhost,127.0.0.1",
                "Hosts that never name a tenant; CONTROL_PLANE_HOST is always among them.",
            ),
            set(
                "CONTROL_PLANE_SUBDOMAIN",
                "sistema",
                "The subdomain of the control plane.",
            ),
            set(
                "CONTROL_PLANE_HOST",
                "",
                "The host of the control plane. By default CONTROL_PLANE_SUBDOMAIN under TENANT_BASE_DOMAIN.",
            ),
            set(
                "CONTROL_PLANE_ALLOWED_HOSTS",
                "localhost,127.0.0.1",
                "Hosts on which the platform API answers; CONTROL_PLANE_HOST is always among them. Empty: on every host.",
            ),
        ],
    },
    Topic {
        title: "Tenant of a request",
        settings: &[
            set(
                "TENANT_ID_HEADER",
                "X-Tenant-ID",
                "The header that names the tenant by its code, where the host does not.",
            ),
            set(
                "TENANT_REQUIRED_PATH_PREFIXES",
                "/api/",
                "Paths that need a tenant.",
            ),
            set(
                "TENANT_EXEMPT_PATH_PREFIXES",
                "/api/auth/token/,/api/auth/logout/,/api/auth/session/,/api/auth/me/,/api/auth/password-change/,/api/auth/password-reset/,/api/docs/",
                "Paths among them that need none.",
            ),
        ],
    },
    Topic {
        title: "Provisioning",
        settings: &[
            set(
                "CONTROL_PLANE_PROVISIONER",
                "noop",
                "The provider: noop, local_postgres or cloudsql_postgres.",
            ),
            set(
                "CONTROL_PLANE_PORTAL_URL_TEMPLATE",
                "",
                "The address of a tenant's portal, with {subdomain}, {tenant_code} and {company_id}. By default https://{subdomain}. and TENANT_BASE_DOMAIN.",
            ),
            set(
                "SINDICO_WARM_POOL",
                "2",
                "How many blank databases wait on the provider's server for new tenants; 0 turns the pool off.",
            ),
            set(
                "SINDICO_MIGRATE_TENANTS",
                "true",
                "Whether serve brings the tenants' databases to its schema by itself, in the background. Else: sindico migrate.",
            ),
            set(
                "SINDICO_WORKERS",
                "4",
                "How many operations this program works on at once; 0 leaves them to other programs.",
            ),
            set(
                "SINDICO_LEASE",
                "15",
                "How long a program that is not heard of keeps the operations it works on, in seconds; then another takes them over.",
            ),
            set(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_DATABASE",
                "postgres",
                "local_postgres: the database to connect to as administrator.",
            ),
            set(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_USER",
                "",
                "local_postgres: the administrator.",
            ),
            secret(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD",
                "local_postgres: the administrator's password.",
            ),
            set(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_HOST",
                "127.0.0.1",
                "local_postgres: the server; a path is a socket directory.",
            ),
            set(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_PORT",
                "5432",
                "local_postgres: the server's port.",
            ),
            set(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_SSLMODE",
                "prefer",
                "local_postgres: TLS as libpq names it: disable, allow, prefer, require, verify-ca or verify-full. Not used with a socket.",
            ),
            set(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_SSLROOTCERT",
                "",
                "local_postgres: a PEM file with the certificates of the authority that signed the server's. Read at the start.",
            ),
            secret(
                "CONTROL_PLANE_LOCAL_DB_PASSWORD_DEFAULT",
                "local_postgres: the password of every new tenant role, for throw-away environments only. Empty: a random one each.",
            ),
            set(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_DATABASE",
                "postgres",
                "cloudsql_postgres: the database to connect to as administrator.",
            ),
            set(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_USER",
                "",
                "cloudsql_postgres: the administrator.",
            ),
            secret(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_PASSWORD",
                "cloudsql_postgres: the administrator's password.",
            ),
            set(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_HOST",
                "",
                "cloudsql_postgres: the server; /cloudsql/<project>:<region>:<instance> for a Unix socket.",
            ),
            set(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_PORT",
                "5432",
                "cloudsql_postgres: the server's port.",
            ),
            set(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_SSLMODE",
                "require",
                "cloudsql_postgres: TLS as libpq names it: disable, allow, prefer, require, verify-ca or verify-full. Not used with a socket.",
            ),
            set(
                "CONTROL_PLANE_CLOUDSQL_ADMIN_SSLROOTCERT",
                "",
                "cloudsql_postgres: a PEM file with the instance's certificate authority. Read at the start; verify-ca and verify-full need it.",
            ),
            secret(
                "CONTROL_PLANE_CLOUDSQL_TENANT_PASSWORD_DEFAULT",
                "cloudsql_postgres: the password of every new tenant role, for throw-away environments only. Empty: a random one each.",
            ),
        ],
    },
    Topic {
        title: "Roles",
        settings: &[set(
            "TENANT_ROLE_MATRICES",
            "",
            "What roles may do in every tenant, over the built-in matrix and under the tenant's own overrides: JSON such as {\"leads\": {\"DELETE\": [\"MANAGER\", \"OWNER\"]}}.",
        )],
    },
    Topic {
        title: "E-mail",
        settings: &[
            set(
                "SINDICO_SMTP_HOST",
                "",
                "The mail server. When empty, mails become files in the folder mail of the data directory.",
            ),
            set("SINDICO_SMTP_PORT", "587", "Its port."),
            set(
                "SINDICO_SMTP_TLS",
                "starttls",
                "starttls, tls (from the first byte), or none.",
            ),
            set(
                "SINDICO_SMTP_USER",
                "",
                "The user to sign in as; empty: no sign-in.",
            ),
            secret("SINDICO_SMTP_PASSWORD", "The user's password."),
            set(
                "SINDICO_MAIL_FROM",
                "Síndico <sindico@localhost>",
                "The sender of mails.",
            ),
        ],
    },
];

/// The setting with this name.
///
/// # Panics
/// When it is not in the list, which a test would find at once.
pub fn find(name: &str) -> &'static Setting {
    TOPICS
        .iter()
        .flat_map(|topic| topic.settings)
        .find(|setting| setting.name == name)
        .unwrap_or_else(|| panic!("{name} is not in the list of settings"))
}

/// The page `docs/operating/settings.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Settings\n\nFrom the environment, and from a file `.env` in the folder where the program \
         starts; the environment counts first. A value that is wrong stops the program with one line \
         that names the setting. This page is made from the program: run \
         `sindico settings > docs/operating/settings.md` after a change.\n",
    );
    for topic in TOPICS {
        page += &format!(
            "\n## {}\n\n| setting | default | meaning |\n|---|---|---|\n",
            topic.title
        );
        for setting in topic.settings {
            let default = if setting.default.is_empty() {
                String::new()
            } else {
                format!("`{}`", setting.default)
            };
            let secret = if setting.secret { " *Secret.*" } else { "" };
            let meaning = setting.meaning.replace('|', "\\|").replace('<', "&lt;");
            page += &format!("| `{}` | {default} | {meaning}{secret} |\n", setting.name);
        }
    }
    page
}

/// The settings as `sindico serve --help` shows them.
pub fn help() -> String {
    let mut text = String::from("Settings (environment, or a file .env):\n");
    for topic in TOPICS {
        text += &format!("\n  {}\n", topic.title);
        for setting in topic.settings {
            text += &format!("    {}", setting.name);
            if !setting.default.is_empty() {
                text += &format!("  [default: {}]", setting.default);
            }
            text += &format!("\n        {}\n", setting.meaning);
        }
    }
    text
}
