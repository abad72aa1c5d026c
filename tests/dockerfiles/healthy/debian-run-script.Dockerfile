FROM debian:12
ENV TOOL=/opt/tool
ENV PATH=$TOOL/bin:$PATH
RUN <<EOF
set -eu
apt-get update
cat > /etc/profile.d/tool.sh <<'INNER'
PATH="$TOOL/bin:$PATH"
INNER
EOF
