import type { MailUser } from './mail-user.js';

export type Layout = 'maildir++' | 'fs';

export type Instance = {
  readonly directory: string;
  readonly port: number;
  readonly layout: Layout;
  readonly user: MailUser;
  /** The one that everybody has; null: any will do. */
  readonly password: string | null;
  /** Where it speaks TLS from the first byte on, with the files of its key and certificate; null: nowhere. */
  readonly tls: { readonly port: number; readonly certificate: string; readonly key: string } | null;
  /** Further lines, such as plugins and their settings. */
  readonly extra: string;
};

/** Where the mail of an account lies, seen from its home. */
export const maildirName = 'Maildir';

/** Between mailbox names in IMAP. `/` for both layouts, so that one test suits either. */
export const separator = '/';

/**
 * dovecot.conf of a private instance: IMAP on loopback, LMTP at a socket in run/, any user name, mail in homes/<user>/Maildir. No privileges are dropped, as there are none.
 */
export function configuration(version: string, instance: Instance): string {
  return isVersionBefore24(version) ? configuration23(instance) : configuration24(version, instance);
}

const sharedSettings = ({ directory, user, extra, tls }: Instance): string => `${extra}
ssl = ${tls === null ? 'no' : 'yes'}
protocols = imap lmtp
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
listen = 127.0.0.1
default_internal_user = ${user.name}
default_internal_group = ${user.group}
default_login_user = ${user.name}
default_client_limit = 400
default_process_limit = 50
first_valid_uid = 1
mail_uid = ${user.name}
mail_gid = ${user.group}
mail_home = ${directory}/homes/%{user}
mail_max_userip_connections = 50
service anvil {
  chroot =
}
service stats {
  chroot =
}
`;

function configuration23(instance: Instance): string {
  const { directory, port, layout, user, password, tls } = instance;
  const files = tls && `ssl_cert = <${tls.certificate}\nssl_key = <${tls.key}\n`;
  return `${sharedSettings(instance)}
${files ?? ''}disable_plaintext_auth = no
mail_location = maildir:~/${maildirName}${layout === 'fs' ? ':LAYOUT=fs' : ''}
passdb {
  driver = static
  args = ${password === null ? 'nopassword=y' : `password={PLAIN}${password}`}
}
userdb {
  driver = static
  args = uid=${user.name} gid=${user.group} home=${directory}/homes/%u
}
namespace inbox {
  inbox = yes
  separator = ${separator}
}
service imap {
  service_count = 100
  process_limit = 50
}
service imap-login {
  chroot =
  service_count = 0
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tls?.port ?? 0}
    ssl = yes
  }
}
`;
}

/** Dovecot 2.4 renamed the settings; the Maildir and its files are the same. */
function configuration24(version: string, instance: Instance): string {
  const { directory, port, layout, user, password, tls } = instance;
  const files = tls && `ssl_server_cert_file = ${tls.certificate}\nssl_server_key_file = ${tls.key}\n`;
  return `dovecot_config_version = ${version}
dovecot_storage_version = ${version}
${sharedSettings(instance)}
${files ?? ''}auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/${maildirName}
mailbox_list_layout = ${layout}
passdb static {
  fields {
    ${password === null ? 'nopassword = yes' : `password = {PLAIN}${password}`}
  }
}
userdb static {
  fields {
    uid = ${user.name}
    gid = ${user.group}
    home = ${directory}/homes/%{user}
  }
}
namespace inbox {
  inbox = yes
  separator = ${separator}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tls?.port ?? 0}
    ssl = yes
  }
}
`;
}

/** Dovecot 2.4 has other names for many settings. */
export function isVersionBefore24(version: string): boolean {
  return /^2\.[0-3]\./.test(version);
}
