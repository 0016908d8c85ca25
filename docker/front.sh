#!/bin/sh
# Runs before nginx: how people sign in, a certificate to begin with, and its renewal.
set -eu

home=/etc/nginx/certificate
real=/etc/letsencrypt/live/$REGULARS_HOST

if [ "${REGULARS_SIGN_IN:-proxy}" = proxy ]; then
    if [ ! -s /etc/nginx/regulars/passwords ]; then
        echo "Wanted the file docker/passwords, found none or an empty one; docs/hosting.md says how to make it." >&2
        exit 1
    fi
    # nginx reads it as another user than root.
    install -m 0640 -o root -g nginx /etc/nginx/regulars/passwords /etc/nginx/passwords
    cp /etc/nginx/regulars/sign_in_password.conf /etc/nginx/sign_in.conf
else
    cp /etc/nginx/regulars/sign_in_oidc.conf /etc/nginx/sign_in.conf
fi

take_certificate() {
    if [ -s "$real/fullchain.pem" ]; then
        cp -L "$real/fullchain.pem" "$real/privkey.pem" "$home/"
    fi
}

mkdir -p "$home"
if [ ! -s "$home/fullchain.pem" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$REGULARS_HOST" \
        -keyout "$home/privkey.pem" -out "$home/fullchain.pem" 2> /dev/null
fi
chmod 700 "$home"
take_certificate

# A new certificate is taken up within the hour; a new password file, too.
(
    while sleep 600; do
        take_certificate
        if [ "${REGULARS_SIGN_IN:-proxy}" = proxy ] && [ -s /etc/nginx/regulars/passwords ]; then
            install -m 0640 -o root -g nginx /etc/nginx/regulars/passwords /etc/nginx/passwords
        fi
        nginx -s reload 2> /dev/null || true
    done
) &
