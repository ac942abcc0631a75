import type { MailUser } from './mail-user.js';

export type Layout = 'maildir++' | 'fs';

export type Instance = {
  readonly directory: string;
  readonly port: number;
  readonly layout: Layout;
  readonly user: MailUser;
  /** Further lines, such as plugins and their settings. */
  readonly extra: string;
};

/** Where the mail of an account lies, seen from its home. */
export const maildirName = 'Maildir';

/** Between mailbox names in IMAP. `/` for both layouts, so that one test suits either. */
export const separator = '/';

/**
 * dovecot.conf of a private instance: one IMAP listener on loopback, LMTP at a socket in run/, any user name, any password, mail in
 * homes/<user>/Maildir. No privileges are dropped, as there are none.
 */
export function configuration(version: string, instance: Instance): string {
  return isVersionBefore24(version) ? configuration23(instance) : configuration24(version, instance);
}

const sharedSettings = ({ directory, user, extra }: Instance): string => `${extra}
protocols = imap lmtp
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
listen = 127.0.0.1
ssl = no
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
  const { directory, port, layout, user } = instance;
  return `${sharedSettings(instance)}
disable_plaintext_auth = no
mail_location = maildir:~/${maildirName}${layout === 'fs' ? ':LAYOUT=fs' : ''}
passdb {
  driver = static
  args = nopassword=y
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
    port = 0
  }
}
`;
}

/** Dovecot 2.4 renamed the settings; the Maildir and its files are the same. */
function configuration24(version: string, instance: Instance): string {
  const { directory, port, layout, user } = instance;
  return `dovecot_config_version = ${version}
dovecot_storage_version = ${version}
${sharedSettings(instance)}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/${maildirName}
mailbox_list_layout = ${layout}
passdb static {
  fields {
    nopassword = yes
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
    port = 0
  }
}
`;
}

/** Dovecot 2.4 has other names for many settings. */
export function isVersionBefore24(version: string): boolean {
  return /^2\.[0-3]\./.test(version);
}
