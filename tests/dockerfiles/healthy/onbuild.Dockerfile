FROM debian:12
ONBUILD ENV PATH=/opt/tool/bin:$PATH
