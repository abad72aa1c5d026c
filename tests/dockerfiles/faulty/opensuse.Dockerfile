FROM opensuse/leap:15.6
RUN zypper -n install tar gzip
ENV PATH="/opt/gradle/bin:${PATH}"
