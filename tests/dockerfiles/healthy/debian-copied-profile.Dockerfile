FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
COPY files/tool.sh /etc/profile.d/
