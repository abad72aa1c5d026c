#!/usr/bin/env bash
# Makes the key files of the zoo: real ones by ssh-keygen and openssl, and copies damaged the way people damage them.
# Run it in this folder after deleting what it should make again: ./make.sh. It was run with OpenSSH 9.2 and OpenSSL 3.0.
# All keys here are test material; nothing accepts them. The passphrase of the encrypted ones is "zoo passphrase".
# To add an animal: a line here, and a row in the table of tests/ssh_zoo.rs.
set -euo pipefail
cd "$(dirname "$0")"
phrase='zoo passphrase'

new() { # name type... : an OpenSSH key without passphrase
    local name=$1; shift
    [ -e "$name" ] || { ssh-keygen -q -N '' -C "zoo@$name" -f "$name" "$@"; mv "$name.pub" "$name.public"; }
}
encrypted() { # name from [format]
    [ -e "$1" ] && return
    cp "$2" "$1"; chmod 600 "$1"; ssh-keygen -q -p -P '' -N "$phrase" -a 4 ${3:+-m "$3"} -f "$1" >/dev/null
}
converted() { # name from format
    [ -e "$1" ] && return
    cp "$2" "$1"; chmod 600 "$1"; ssh-keygen -q -p -P '' -N '' -m "$3" -f "$1" >/dev/null
}

new openssh-ed25519 -t ed25519
new openssh-rsa -t rsa -b 2048
new openssh-rsa-1024 -t rsa -b 1024
new openssh-ecdsa-256 -t ecdsa -b 256
new openssh-ecdsa-384 -t ecdsa -b 384
new openssh-ecdsa-521 -t ecdsa -b 521
new openssh-dsa -t dsa
new authority -t ed25519
encrypted openssh-ed25519-encrypted openssh-ed25519
encrypted openssh-rsa-encrypted openssh-rsa
[ -e openssh-no-comment ] || { ssh-keygen -q -N '' -C '' -t ed25519 -f openssh-no-comment; mv openssh-no-comment.pub openssh-no-comment.public; }
[ -e openssh-gcm-encrypted ] || { cp openssh-ed25519 openssh-gcm-encrypted; chmod 600 openssh-gcm-encrypted
    ssh-keygen -q -p -P '' -N "$phrase" -a 4 -Z aes256-gcm@openssh.com -f openssh-gcm-encrypted >/dev/null; }
# A quarter of all P-521 keys have a secret number of 65 bytes (0x41) or less, for leading zeros are left out.
while [ ! -e openssh-ecdsa-521-short ]; do
    new candidate -t ecdsa -b 521 -C zoo@openssh-ecdsa-521-short
    if sed '/^-/d' candidate | base64 -d | od -An -v -tx1 | tr -d ' \n' | grep -q 00000041; then
        mv candidate openssh-ecdsa-521-short; mv candidate.public openssh-ecdsa-521-short.public
    fi
    rm -f candidate candidate.public
done
# Texts that are not UTF-8.
[ -e openssh-latin-1 ] || { new openssh-latin-1 -t ed25519 -C $'jos\xe9'; rm openssh-latin-1.public; }

converted pem-rsa openssh-rsa PEM
converted pem-ec openssh-ecdsa-256 PEM
converted pem-ec-521 openssh-ecdsa-521 PEM
converted pem-dsa openssh-dsa PEM
converted pkcs8-rsa openssh-rsa PKCS8
converted pkcs8-ec openssh-ecdsa-384 PKCS8
encrypted pem-rsa-encrypted openssh-rsa PEM
encrypted pem-ec-encrypted openssh-ecdsa-256 PEM
encrypted pkcs8-rsa-encrypted openssh-rsa PKCS8
[ -e pkcs8-ed25519 ] || openssl genpkey -algorithm ed25519 -out pkcs8-ed25519 2>/dev/null
[ -e pem-ec-parameters ] || openssl ecparam -name prime256v1 -genkey -out pem-ec-parameters
[ -e pem-rsa-public ] || ssh-keygen -e -m PEM -f openssh-rsa.public > pem-rsa-public
[ -e pkcs8-rsa-public ] || ssh-keygen -e -m PKCS8 -f openssh-rsa.public > pkcs8-rsa-public
[ -e ssh2-public ] || ssh-keygen -e -f openssh-ed25519.public > ssh2-public
[ -e x509 ] || openssl req -x509 -key pkcs8-rsa -subj /CN=zoo -days 1 -out x509

# A number with a zero in front that it does not need, which OpenSSH drops.
[ -e public-rsa-leading-zero ] || { hex=$(cut -d ' ' -f 2 openssh-rsa.public | base64 -d | od -An -v -tx1 | tr -d ' \n' | sed 's/0000010100/000001020000/')
    echo "ssh-rsa $(printf "$(sed 's/../\\x&/g' <<<"$hex")" | base64 -w 0) zoo" > public-rsa-leading-zero; }

# certificates
certificate() { # name options...
    local name=$1; shift
    [ -e "$name" ] && return
    cp openssh-ed25519.public "$name.pub"; ssh-keygen -q -s authority "$@" "$name.pub"; mv "$name-cert.pub" "$name"; rm "$name.pub"
}
certificate certificate-user -I ana@example.com -n ana,circleci -z 42 -V 20260101000000Z:20270101000000Z
certificate certificate-forever -I forever -n ana
certificate certificate-host -h -I box -n box.example.com -V 20200101000000Z:20200102000000Z
certificate certificate-forced -I forced -O force-command=/bin/true -O no-pty -O source-address=192.0.2.0/24
certificate certificate-latin-1 -I $'jos\xe9' -n ana -V 20260101000000Z:20270101000000Z
[ -e certificate-sha1 ] || { cp openssh-ed25519.public r.pub; ssh-keygen -q -t ssh-rsa -s openssh-rsa-1024 -I sha1 -n ana -V 20260101000000Z:20270101000000Z r.pub; mv r-cert.pub certificate-sha1; rm r.pub; }
[ -e certificate-rsa ] || { cp openssh-rsa.public r.pub; ssh-keygen -q -s authority -I rsa -n ana r.pub; mv r-cert.pub certificate-rsa; rm r.pub; }
[ -e certificate-ecdsa ] || { cp openssh-ecdsa-384.public r.pub; ssh-keygen -q -s authority -I ec -n ana r.pub; mv r-cert.pub certificate-ecdsa; rm r.pub; }

# what people do to key files
damage() { # prefix source
    local p=$1 good=$2
    sed 's/$/\r/' "$good" > "$p-crlf"
    sed '1!{$!s/$/\r/}' "$good" > "$p-crlf-inside"
    head -c -1 "$good" > "$p-no-final-newline"
    { sed '$!s/$/\r/' "$good" | head -c -1; } > "$p-crlf-no-final-newline"
    { echo; cat "$good"; } > "$p-blank-line-before"
    { echo "Here is the key:"; cat "$good"; } > "$p-text-before"
    { cat "$good"; echo "some text after it"; } > "$p-text-after"
    { printf '\357\273\277'; cat "$good"; } > "$p-byte-order-mark"
    sed 's/^/    /' "$good" > "$p-indented"
    { printf '\377\376'; iconv -t utf-16le "$good"; } > "$p-utf-16-le"
    { printf '\376\377'; iconv -t utf-16be "$good"; } > "$p-utf-16-be"
    iconv -t utf-16le "$good" > "$p-utf-16-unmarked"
    { tr '\n' ' ' < "$good"; echo; } > "$p-single-line"
    { sed 's/$/\\n/' "$good" | tr -d '\n'; echo; } > "$p-escaped-newlines"
    head -n -1 "$good" > "$p-no-end-line"
    head -n 3 "$good" > "$p-cut"
    { head -n 3 "$good"; tail -n 1 "$good"; } > "$p-lines-missing"
    { head -n 1 "$good"; sed '1d;$d' "$good" | tr -d '\n' | fold -w 64; echo; tail -n 1 "$good"; } > "$p-wrapped-64"
    { head -n 1 "$good"; sed '1d;$d' "$good" | tr -d '\n' | fold -w 76; echo; tail -n 1 "$good"; } > "$p-wrapped-76"
    { head -n 1 "$good"; sed '1d;$d' "$good" | tr -d '\n'; echo; tail -n 1 "$good"; } > "$p-not-wrapped"
    sed '3s/^...../ab*cd/' "$good" > "$p-damaged-base64"
    sed '3s/^...../AAAAA/' "$good" > "$p-damaged-body"
    sed '1!G' "$good" > "$p-blank-lines-between"
    sed '1s/$/  /' "$good" > "$p-blank-after-begin"
    sed '$s/$/  /' "$good" > "$p-blank-after-end"
    sed '1!{$!s/^/  /}' "$good" > "$p-indented-inside"
    sed '1s/^-/\xe2\x80\x94/' "$good" > "$p-typographic-dash"
    sed '1d;$d' "$good" > "$p-no-markers"
    sed 1d "$good" > "$p-no-begin-line"
    { printf '"'; head -c -1 "$good"; printf '"\n'; } > "$p-quoted"
    { cat "$good"; cat "$good"; } > "$p-twice"
    tr '\n' '\r' < "$good" > "$p-cr-only"
    { cat "$good"; printf '\0\0'; } > "$p-nul-after"
}
damage bad-openssh openssh-ed25519
damage bad-pem pem-rsa
damage bad-pkcs8 pkcs8-ec
sed '1!{$!s/$/\r/}' openssh-ed25519-encrypted > bad-openssh-encrypted-crlf-inside
sed 's/$/\r/' openssh-ed25519-encrypted > bad-openssh-encrypted-crlf
sed '3s/^...../AAAAA/' openssh-ed25519-encrypted > bad-openssh-encrypted-damaged-body
sed 's/$/\r/' pem-rsa-encrypted > bad-pem-encrypted-crlf
printf '' > empty
printf ' \n\n' > blank
printf 'hello\nthis is no key\n' > text
head -c 300 /dev/zero | tr '\0' '\247' > binary
cat > putty.ppk <<'PPK'
PuTTY-User-Key-File-3: ssh-ed25519
Encryption: none
Comment: zoo@putty
Public-Lines: 2
AAAAC3NzaC1lZDI1NTE5AAAAIHJCszYVcGbc0kLxHkZgxq3YHlT6d1l3Wzr1mV7a
9D2c
Private-Lines: 1
AAAAIExvcmVtIGlwc3VtIGRvbG9yIHNpdCBhbWV0IQAAAAAA
Private-MAC: 0000000000000000000000000000000000000000000000000000000000000000
PPK
sed -e 's/^Encryption: none/Encryption: aes256-cbc/' putty.ppk > putty-encrypted.ppk

# known_hosts with hashed names
[ -e known_hosts.hashed ] || { { printf '[203.0.113.7]:64535 '; cat openssh-ed25519.public; printf 'box.example '; cat openssh-rsa.public; } > known_hosts.hashed
    ssh-keygen -q -H -f known_hosts.hashed; rm known_hosts.hashed.old; }

# public lines
{ printf 'sk-ssh-ed25519@openssh.com '
  { printf '\0\0\0\032sk-ssh-ed25519@openssh.com\0\0\0\040'; head -c 32 openssh-ed25519; printf '\0\0\0\004ssh:'; } | base64 -w0
  echo ' zoo@token'; } > public-sk-ed25519
echo '* -text' > .gitattributes
