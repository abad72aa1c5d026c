FROM ubuntu:24.04
ENV PATH=/opt/tool/bin:$PATH
