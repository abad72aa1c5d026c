FROM registry.access.redhat.com/ubi9/ubi-minimal:9.4
ENV PATH=/opt/tool/bin:$PATH
USER 1001
