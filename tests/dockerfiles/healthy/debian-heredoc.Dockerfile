# syntax=docker/dockerfile:1
FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
COPY <<EOF /etc/profile.d/tool.sh
export PATH=/opt/tool/bin:\$PATH
EOF
