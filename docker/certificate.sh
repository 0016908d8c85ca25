#!/bin/sh
# Fetches a certificate once nginx answers, and renews it in time.
set -eu

if [ -z "${LETS_ENCRYPT_EMAIL:-}" ]; then
    echo "No LETS_ENCRYPT_EMAIL in .env: the server keeps its own certificate, and browsers warn."
    exec sleep infinity
fi
while :; do
    sleep 30
    certbot certonly --webroot --webroot-path /var/www/challenges --domain "$REGULARS_HOST" \
        --email "$LETS_ENCRYPT_EMAIL" --agree-tos --no-eff-email --non-interactive \
        --keep-until-expiring || echo "No certificate yet; trying again in twelve hours." >&2
    sleep 43170
done
