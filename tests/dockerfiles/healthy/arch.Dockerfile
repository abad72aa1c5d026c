FROM archlinux:latest
ENV PATH=/opt/tool/bin:$PATH
