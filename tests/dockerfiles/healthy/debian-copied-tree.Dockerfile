FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
COPY files/rootfs/ /
